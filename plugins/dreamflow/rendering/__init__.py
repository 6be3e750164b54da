"""What people see of a review, as HTML: the parts that the tab and the audit record share."""
