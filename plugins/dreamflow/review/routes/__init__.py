"""The routes: pages and their fragments as HTML, the review's state and edits as JSON, and our own style and script."""
