"""All made-up files in the layouts of well-known sets."""

from known_exams import EXAMS
from known_forms import Known
from known_free_answers import FREE_ANSWERS
from known_marks import MARKS
from known_nested_texts import NESTED_TEXTS
from known_numbers import NUMBERS
from known_pictures import PICTURES
from known_sentences import SENTENCES
from known_tables import TABLES
from known_texts import TEXTS
from known_videos import VIDEOS

KNOWN: dict[str, Known] = (
    TEXTS | NESTED_TEXTS | PICTURES | VIDEOS | EXAMS | SENTENCES | FREE_ANSWERS | NUMBERS | TABLES | MARKS
)
