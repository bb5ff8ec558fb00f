"""All made-up files in the layouts of well-known sets."""

from known_battles import BATTLES
from known_exams import EXAMS
from known_forms import Known
from known_free_answers import FREE_ANSWERS
from known_marks import MARKS
from known_nested_texts import NESTED_TEXTS
from known_numbers import NUMBERS
from known_odd_files import ODD_FILES
from known_pictures import PICTURES
from known_rows import ROWS
from known_sentences import SENTENCES
from known_tables import TABLES
from known_texts import TEXTS
from known_videos import VIDEOS

_OF_TEXTS = TEXTS | NESTED_TEXTS | EXAMS | SENTENCES | FREE_ANSWERS | NUMBERS
KNOWN: dict[str, Known] = _OF_TEXTS | PICTURES | VIDEOS | TABLES | MARKS | ROWS | BATTLES | ODD_FILES
