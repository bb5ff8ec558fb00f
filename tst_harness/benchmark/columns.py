"""Which column holds what, as a benchmark module declares it."""

from pydantic import field_validator, model_validator

from tst_harness.benchmark.declaration import Declaration, not_blank


class InText(Declaration):
    """The options stand inside the question's text, after it.

    They are the last run of lettered items from A on, as in "...\\nOptions: A: x, B: y", "(A) x (B) y" or
    an item a line; without letters, of items that are numbered from 1 on or have a bullet each. The question
    is what stands before them.
    """


class Columns(Declaration):
    """Which column of the file holds what.

    Parameters
    ----------
    text, answer
        The question and its gold answer. Without a text the options are all there is. An answer in several
        columns is all that these say: the accepted texts of an open question, a mark for each option (1 where
        it is right), or that of the one column that is filled in the row.
    slots
        The column of the words that stand for the placeholders of the text, a list in their order: "violin"
        for the <Object> of "Where is the <Object>?".
    id
        An id that no other row has, or the columns that make one together, joined by "/". None makes one
        of each row's text, options and group, and of rows that are equal in these, one of their number
        among them.
    options
        One column with a list (or a list written as text); one column an option, in order, where
        trailing blanks mean fewer options; or `InText()`. None where every type is a number or has
        its own labels. The answer's column may be one of them: the options are then put in an order
        drawn from the id, since their place would tell the answer.
    type
        The column that names a row's question type. None with a single type, or where each type's
        pattern tells its own questions.
    group
        What questions share outside the text: a scene, an image, a video. A tuple means the first of
        these columns that the file has. None puts every question into a group of its own.
    blank_text
        Whether a question may be its options alone, without a text.

    What is nested in a file has its path for a name, as "question.stem". Names with "$" are of what has no
    name in the file: `$key` of records by key (`$key1`, `$key2` from the outside), `$value`, `$part` of
    several questions in a record, `$list` of several lists of them, `$turn` of a conversation, `$file`
    of several files, `$question`, `$answer` and more where nothing names the cells of a row.
    """

    answer: str | tuple[str, ...]
    text: str | None = None
    id: str | tuple[str, ...] | None = None
    options: str | tuple[str, ...] | InText | None = None
    type: str | None = None
    group: str | tuple[str, ...] | None = None
    slots: str | None = None
    blank_text: bool = False

    @field_validator("text", "answer", "id", "options", "type", "group", "slots")
    @classmethod
    def _names(cls, value: str | tuple[str, ...] | InText | None) -> str | tuple[str, ...] | InText | None:
        names = (value,) if isinstance(value, str) else value
        if isinstance(names, tuple):
            if not names:
                raise ValueError("names no column; leave it out where there is none")
            for name in names:
                not_blank(name)
            if len(set(names)) < len(names):
                raise ValueError(f"names a column twice: {', '.join(names)}")
        return value

    @model_validator(mode="after")
    def _one_role_a_column(self) -> "Columns":
        if isinstance(self.options, tuple) and len(self.options) < 2:
            raise ValueError("options: a question needs at least two option columns")
        if self.text is None and self.named("options") == ():
            raise ValueError("text: is needed where the options have no columns of their own")
        if self.text is None and self.slots is not None:
            raise ValueError("slots: there is no text with placeholders")
        parts = self.id if isinstance(self.id, tuple) else ()
        roles: dict[str, str] = {}
        for role in ("id", "text", "slots", "answer", "type", "options"):
            for name in self.named(role):
                if role == "type" and name in parts:
                    continue
                if name in roles and (role, roles[name]) != ("options", "answer"):
                    raise ValueError(f"{role}: the column {name!r} is already the {roles[name]} column")
                roles[name] = role
        for name in self.named("group"):
            if roles.get(name) in ("answer", "options"):
                raise ValueError(f"group: the column {name!r} is already the {roles[name]} column")
        return self

    @property
    def order_is_drawn(self) -> bool:
        """Whether the answer's column is one of the options', so that an order of them is drawn."""
        return isinstance(self.options, tuple) and self.answer in self.options

    def named(self, role: str) -> tuple[str, ...]:
        """The column names declared for a role, none to several."""
        value: str | tuple[str, ...] | InText | None = getattr(self, role)
        if isinstance(value, tuple):
            return value
        return (value,) if isinstance(value, str) else ()
