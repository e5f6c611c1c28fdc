# Captures: opening, packets, statistics, export, sending again.

paste-source = Pasted, { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
captures-no-bundled = No bundled capture is called { $name }.
send-again-source = Sent again
