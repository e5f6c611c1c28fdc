# Framescope: words that every part of the window uses.

app-name = Framescope

# How much of what. `$count` chooses between one and many, `$shown` is the number as a person reads it.
number-separator = ,
count-bytes = { $count ->
    [one] { $shown } byte
   *[other] { $shown } bytes
}
count-items = { $count ->
    [one] { $shown } item
   *[other] { $shown } items
}
count-errors = { $count ->
    [one] { $shown } error
   *[other] { $shown } errors
}
count-warnings = { $count ->
    [one] { $shown } warning
   *[other] { $shown } warnings
}
count-notes = { $count ->
    [one] { $shown } note
   *[other] { $shown } notes
}

app-written = Saved { $file }

# Where no window can be opened. Each is one line on a terminal.
display-none = there is no display to open a window on: neither DISPLAY nor WAYLAND_DISPLAY is set
display-silent = the display { $name } does not answer
display-no-opengl = this display has no OpenGL to draw the window with: install a graphics driver, such as libgl1-mesa-dri on Debian or mesa-dri-drivers on Fedora
display-no-window = the window could not be opened: { $reason }
display-without = { $reason }; what works without a window: framescope dissect FILE, framescope decode HEX, framescope serve, framescope connect URL
