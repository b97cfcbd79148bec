"""Likelihoods of MMLU's choices, as letters and as texts, with PyTorch and transformers. For smollm2_reference.py."""

import csv

import torch

from smollm2_gguf import END

LETTERS = "ABCD"


def encode(tokenizer, text):
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def argmax(values):
    return max(range(len(values)), key=lambda i: values[i])


def read_mmlu(folder, subject):
    with open(folder / f"{subject}_test.csv", newline="", encoding="utf-8") as file:
        return [
            {
                "question": row["question"].strip(),
                "choices": [row[f"choice{i}"].strip() for i in range(4)],
                "answer": int(row["answer"]),
            }
            for row in csv.DictReader(file)
        ]


def letters_prompt(subject, question):
    choices = "".join(f"{letter}. {c}\n" for letter, c in zip(LETTERS, question["choices"]))
    about = subject.replace("_", " ")
    head = f"The following are multiple choice questions (with answers) about {about}.\n\n"
    return f"{head}{question['question']}\n{choices}Answer:"


def cloze_prompt(question):
    return f"Question: {question['question']}\nAnswer:"


@torch.no_grad()
def letter_scores(model, tokenizer, subject, questions):
    """Log-probabilities of the four letters behind each question."""
    options = [encode(tokenizer, f" {letter}") for letter in LETTERS]
    assert all(len(option) == 1 for option in options)
    letters = torch.tensor([option[0] for option in options])
    prompts = [encode(tokenizer, letters_prompt(subject, question)) for question in questions]
    found = [None] * len(prompts)
    for now in batches(prompts):
        ids, mask = right_padded([prompts[i] for i in now])
        hidden = model.model(input_ids=ids, attention_mask=mask).last_hidden_state
        last = torch.stack([hidden[row, len(prompts[i]) - 1] for row, i in enumerate(now)])
        log_probs = torch.log_softmax(model.lm_head(last), -1)[:, letters]
        for row, i in enumerate(now):
            found[i] = log_probs[row].tolist()
    return found


@torch.no_grad()
def continuation_scores(model, pairs):
    """Sum of the log-probabilities of each continuation behind its context."""
    rows = [context + continuation for context, continuation in pairs]
    found = [None] * len(rows)
    for now in batches(rows):
        ids, mask = right_padded([rows[i] for i in now])
        hidden = model.model(input_ids=ids, attention_mask=mask).last_hidden_state
        for row, i in enumerate(now):
            first, whole = len(pairs[i][0]), len(rows[i])
            log_probs = torch.log_softmax(model.lm_head(hidden[row, first - 1 : whole - 1]), -1)
            target = torch.tensor(pairs[i][1])[:, None]
            found[i] = log_probs.gather(-1, target).double().sum().item()
    return found


def batches(rows, budget=6144):
    """Indices of rows of about one length, each batch of at most so many tokens with padding."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    batch = []
    for i in order:
        if batch and len(rows[i]) * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def right_padded(rows):
    width = max(map(len, rows))
    ids = torch.tensor([row + [END] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return ids, mask


def cloze_scores(model, tokenizer, questions):
    """Likelihoods of the four choices as texts, with their counts of tokens and of UTF-8 bytes."""
    pairs = [
        (encode(tokenizer, cloze_prompt(question)), encode(tokenizer, f" {choice}"))
        for question in questions
        for choice in question["choices"]
    ]
    scores = continuation_scores(model, pairs)
    return [
        {
            "loglik": scores[4 * k : 4 * k + 4],
            "tokens": [len(continuation) for _, continuation in pairs[4 * k : 4 * k + 4]],
            "bytes": [len(f" {choice}".encode()) for choice in question["choices"]],
        }
        for k, question in enumerate(questions)
    ]


def mmlu_reference(model, tokenizer, folder, subject, start, end):
    questions = read_mmlu(folder, subject)[start:end]
    letters = letter_scores(model, tokenizer, subject, questions)
    cloze = cloze_scores(model, tokenizer, questions)

    def best(scores, per):
        return argmax([score / size for score, size in zip(scores["loglik"], scores[per])])

    def accuracy(predicted):
        return sum(p == q["answer"] for p, q in zip(predicted, questions)) / len(questions)

    rows = [
        {
            "index": start + i,
            "answer": LETTERS[question["answer"]],
            "letters": {"predicted": LETTERS[argmax(letters[i])], "loglik": letters[i]},
            "cloze": {
                "predicted": LETTERS[best(cloze[i], "tokens")],
                "predicted_per_byte": LETTERS[best(cloze[i], "bytes")],
                **cloze[i],
            },
        }
        for i, question in enumerate(questions)
    ]
    first = letters_prompt(subject, questions[0])
    return {
        "subject": subject,
        "from": start,
        "to": end,
        "letters_prompt_of_first": first,
        "letters_prompt_ids_of_first": encode(tokenizer, first),
        "cloze_prompt_of_first": cloze_prompt(questions[0]),
        "letters_accuracy": accuracy([argmax(scores) for scores in letters]),
        "cloze_per_token_accuracy": accuracy([best(scores, "tokens") for scores in cloze]),
        "questions": rows,
    }
