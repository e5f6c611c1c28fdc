# Lessons and the book panel.
