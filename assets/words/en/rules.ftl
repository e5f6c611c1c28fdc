# What each rule says, and why.
