# The inspector: bits, hex, fields, how it follows, the explanation.
