# The ladder, the filter line, the replay bar.
