"""Columns that are named in other languages than English are recognised by the same rules."""

from pathlib import Path
from typing import Any

import pytest
from known_checks import check_known
from known_forms import MC, OPEN, Known, N, letter, lines, named, of, table, thing
from layout_rows import Expected, gold_of, options_of, question_of

NAMES = {
    "German": "Frage|Antwortmöglichkeiten|Richtige Antwort|Kategorie|Bild|Antwort {}",
    "Spanish": "pregunta|opciones|respuesta|categoria|imagen|opción_{}",
    "French": "question|choix|réponse|thème|vidéo|réponse{}",
    "Italian": "domanda|opzioni|risposta corretta|categoria|immagine|opzione{}",
    "Portuguese": "pergunta|alternativas|gabarito|disciplina|imagem|alternativa_{}",
    "Russian": "Вопрос|Варианты ответа|Правильный ответ|Тип|Видео|вариант {}",
    "Turkish": "soru|seçenekler|cevap|kategori|görsel|şık {}",
    "Arabic": "السؤال|الخيارات|الإجابة|الفئة|الصورة|خيار {}",
    "Hindi": "प्रश्न|विकल्प|उत्तर|श्रेणी|छवि|विकल्प {}",
    "Chinese": "问题|选项|答案|类别|图片|选项{}",
    "traditional Chinese": "題目|選項|正確答案|題型|影片|選項{}",
    "Japanese": "質問|選択肢|答え|カテゴリ|画像|選択肢{}",
    "Korean": "질문|보기|정답|유형|영상|보기{}",
}


def split(language: str) -> list[str]:
    return NAMES[language].split("|")


def read(folder: Path, build: Any, formats: set[str], right: Any, groups: int | None, typed: bool) -> None:
    check_known(Known(build, Expected(N, formats, {"x", "y"} if typed else None, groups), right), folder)


@pytest.mark.parametrize("language", NAMES)
def test_a_list_of_options(tmp_path: Path, language: str) -> None:
    question, options, answer, type_, group, _ = split(language)
    rows = lines(
        lambda i: {
            question: question_of(i),
            options: options_of(i),
            answer: letter(i),
            type_: "xy"[i % 2],
            group: f"v{i // 2}",
        }
    )
    read(tmp_path, rows, MC, of(4), 20, typed=True)


@pytest.mark.parametrize("language", NAMES)
def test_a_column_an_option(tmp_path: Path, language: str) -> None:
    question, _, answer, *_, option = split(language)
    rows = table(lambda i: {question: question_of(i), **named(i, option), answer: gold_of(i) + 1})
    read(tmp_path, rows, MC, of(4), None, typed=False)


@pytest.mark.parametrize("language", NAMES)
def test_open_answers(tmp_path: Path, language: str) -> None:
    question, _, answer, type_, *_ = split(language)
    rows = lines(lambda i: {question: question_of(i), answer: thing(i), type_: "xy"[i % 2]})
    read(tmp_path, rows, OPEN, lambda i: {thing(i)}, None, typed=True)


def test_english_names_come_first(tmp_path: Path) -> None:
    rows = lines(
        lambda i: {
            "question": question_of(i),
            "options": options_of(i),
            "answer": letter(i),
            "pregunta": f"¿Qué se saca de la casa en {i}?",
            "opciones": ["sí", "no"],
            "respuesta": "AB"[i % 2],
        }
    )
    read(tmp_path, rows, MC, of(4), None, typed=False)
