"""What runs keep at the report location: each its journal and files, and the pipeline its costs and nights."""
