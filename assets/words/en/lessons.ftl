# Lessons and the book panel.

book-back = Back
book-forward = Forward
book-contents = Contents
book-search = Search the book
book-nothing = The book does not have all of these words in one section.
book-missing = There is no such page.
book-try = Try it: { $title }
book-next = Next: { $title }

lesson-step = Step { $number } of { $count }
lesson-back = Back
lesson-next = Next
lesson-first-answer = First answer the question.
lesson-show = Show the place
lesson-chapter = Its chapter
lesson-leave = All lessons
lesson-finished = All questions are answered.
lesson-next-lesson = Next lesson: { $title }
lesson-to-chapter = Back to its chapter
lesson-not-read = What is done in lessons is not kept: { $file } cannot be read: { $error }
lesson-not-kept = Cannot keep the progress in { $file }: { $error }
lesson-challenge = Challenge
lesson-challenge-about = Predict before you see: what a question asks for is hidden until you have answered it.
lesson-report = Save for the teacher…
lesson-reset = Begin all lessons again
lesson-really-reset = Really begin again
lesson-keep = Keep what is done
lesson-state = { $done } of { $count } questions, about { $minutes } min
lesson-answered = Answered
lesson-give-up = Show me the answer
lesson-answer = Answer
lesson-your-answer = Your answer
lesson-hint-bytes = bytes in hex, such as 12 34 ab cd
lesson-hint-text = text
lesson-hint-code = a close code
lesson-hint-number = a number
lesson-hint-field = the id of a field
lesson-hint-bit = the number of a bit
lesson-hint-item = the number of an item
lesson-item = Item { $number }
lesson-bit = Bit { $bit }
lesson-pick-item = Choose the item in the ladder, or type its number.
lesson-pick-bit = Choose the bit in the bit diagram, or type its number.
lesson-pick-field = Choose the field in the inspector, or type its id.
lesson-nothing-picked = Nothing is chosen yet
lesson-right = Right
lesson-wrong = Not yet
lesson-differs-by-case = Only large and small letters differ: write them as they stand in the bytes.
lesson-hidden = A question of the lesson asks for this. It is hidden until you have answered the question.
book-in-the-bytes = In the item that is looked at, this chapter tells about:

# What an answer looks like, said where one cannot be read.
lesson-type-bytes = Type bytes as hexadecimal digits, two a byte, such as 12 34 ab cd
lesson-type-number = Type a number, such as 42 or 0x2a
lesson-type-close-code = Type a close code, such as 4999
lesson-type-text = Type an answer
lesson-type-choice = Type the letter of one of the choices
lesson-type-field = Type the id of a field, such as masking-key
lesson-type-bit = Type the number of a bit in the item; the first is 0
lesson-type-rule = Type the letter of one of the rules
lesson-type-item = Type the number of an item; the first is 1
lesson-not-played = The connections of the lesson { $name } could not be played: { $error }

# What a teacher reads of a student's progress.
report-title = Progress
report-lesson = lesson
report-answered = questions answered
report-shown = of them shown
report-tries = answers given
report-time = time
report-of = { $done } of { $count }
report-minutes = { $minutes } min { $seconds } s
