# Framescope: words that every part of the window uses.

app-name = Framescope

count-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
count-bits = { $count ->
    [one] { $count } bit
   *[other] { $count } bits
}
count-items = { $count ->
    [one] { $count } item
   *[other] { $count } items
}
count-messages = { $count ->
    [one] { $count } message
   *[other] { $count } messages
}
count-errors = { $count ->
    [one] { $count } error
   *[other] { $count } errors
}
count-warnings = { $count ->
    [one] { $count } warning
   *[other] { $count } warnings
}
count-notes = { $count ->
    [one] { $count } note
   *[other] { $count } notes
}

app-written = Saved { $file }
