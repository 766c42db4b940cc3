"""A sentence-transformers folder with a model of random weights that fits in a test."""

from __future__ import annotations

from pathlib import Path

COLOURS = ["red", "blue", "green", "black"]


def write_tiny_model(folder: Path) -> Path:
    """Writes a two-layer BERT whose vocabulary is a handful of colours, and returns the folder."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    from features.embeddings.sentence_embeddings import without_progress_bars

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *COLOURS, "pen", ";"]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=32,
        initializer_range=0.3,
    )
    with without_progress_bars():
        BertModel(config).save_pretrained(folder)
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    return folder
