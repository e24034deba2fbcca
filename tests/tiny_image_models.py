"""Models that see pictures, as small as they can be: random weights, saved as real ones are."""

from __future__ import annotations

# ruff: noqa: PLC0415 -- seconds of imports that most tests can do without
import warnings
from pathlib import Path
from string import ascii_lowercase, printable

import pytest

SIDE = 32
CLIP_DIMENSION, SIGLIP_DIMENSION = 8, 16
_TINY = {
    "hidden_size": SIGLIP_DIMENSION,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
}
_VISION = {**_TINY, "image_size": SIDE, "patch_size": 8}


def save_clip(folder: Path) -> None:
    """A CLIP of one layer that knows letters."""
    import torch
    from transformers import CLIPConfig, CLIPModel, CLIPTokenizer
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    start, end = "<|startoftext|>", "<|endoftext|>"
    pieces = [piece for letter in printable.strip() for piece in (letter, f"{letter}</w>")]
    vocabulary = {piece: at for at, piece in enumerate([*pieces, start, end])}
    text = {
        **_TINY,
        "vocab_size": len(vocabulary),
        "max_position_embeddings": 20,
        "bos_token_id": vocabulary[start],
        "eos_token_id": vocabulary[end],
        "pad_token_id": vocabulary[end],
    }
    crop = {"height": SIDE, "width": SIDE}
    torch.manual_seed(0)
    config = CLIPConfig(text_config=text, vision_config=_VISION, projection_dim=CLIP_DIMENSION)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        CLIPModel(config).save_pretrained(folder)
        CLIPTokenizer(vocab=vocabulary, merges=[]).save_pretrained(folder)
        processor = CLIPImageProcessorPil(size={"shortest_edge": SIDE}, crop_size=crop)
        processor.save_pretrained(folder)


def save_siglip(folder: Path) -> None:
    """A SigLIP of one layer, whose tokenizer is SentencePiece's."""
    import torch
    from transformers import SiglipConfig, SiglipModel, SiglipTokenizer
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    sentencepiece = pytest.importorskip(
        "sentencepiece", reason="sentencepiece is not installed: pip install 'cavewall[siglip]'"
    )
    folder.mkdir()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([" ".join(ascii_lowercase), "a dog runs on sand", "a cat"]),
        model_prefix=str(folder / "spiece"),
        vocab_size=34,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
    )
    (folder / "spiece.vocab").unlink()
    text = {
        **_TINY,
        "vocab_size": 34,
        "max_position_embeddings": 16,
        "pad_token_id": 0,
        "bos_token_id": None,
        "eos_token_id": 1,
    }
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = SiglipModel(SiglipConfig(text_config=text, vision_config=_VISION))
        model.save_pretrained(folder)
        SiglipTokenizer(vocab_file=str(folder / "spiece.model")).save_pretrained(folder)
        SiglipImageProcessorPil(size={"height": SIDE, "width": SIDE}).save_pretrained(folder)
