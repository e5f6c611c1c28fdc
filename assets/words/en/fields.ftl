# What each field is.
