using DeployCard.Grains.Keys;

namespace DeployCard.Grains.Tests.Keys;

public sealed class KeyTextTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    [Fact]
    public void A_text_has_its_prefix_its_length_and_only_characters_that_need_no_escape()
    {
        var text = KeyText.New(KeyText.KeyPrefix);

        text.ShouldStartWith("dck_");
        text.Length.ShouldBe(KeyText.Length);
        text[4..].ShouldAllBe(c => Alphabet.Contains(c));
        KeyText.IsWellFormed(text, KeyText.KeyPrefix).ShouldBeTrue();
        KeyText.IsWellFormed(text, KeyText.AdministratorPrefix).ShouldBeFalse();
    }

    [Fact]
    public void No_two_texts_are_the_same() =>
        Enumerable.Range(0, 1000).Select(_ => KeyText.New(KeyText.KeyPrefix)).Distinct().Count().ShouldBe(1000);

    [Fact]
    public void Any_one_wrong_character_is_noticed()
    {
        var random = new Random(20261124);
        var text = KeyText.New(KeyText.KeyPrefix);
        for (var at = 0; at < text.Length; at++)
        {
            for (var i = 0; i < 8; i++)
            {
                var wrong = Alphabet[random.Next(Alphabet.Length)];
                if (wrong != text[at])
                    KeyText.IsWellFormed(text[..at] + wrong + text[(at + 1)..], KeyText.KeyPrefix).ShouldBeFalse($"{wrong} at {at} of {text}");
            }
        }
    }

    [Fact]
    public void Two_neighbours_that_changed_places_are_noticed()
    {
        var text = KeyText.New(KeyText.KeyPrefix);
        for (var at = 0; at + 1 < text.Length; at++)
        {
            if (text[at] != text[at + 1])
                KeyText.IsWellFormed(text[..at] + text[at + 1] + text[at] + text[(at + 2)..], KeyText.KeyPrefix).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("dck_")]
    [InlineData("dck_é234567890123456789012345678901234567890123456789")]
    [InlineData("Ж")]
    public void What_is_no_key_is_told_without_an_exception(string text) => KeyText.IsWellFormed(text, KeyText.KeyPrefix).ShouldBeFalse();

    [Fact]
    public void Characters_beyond_ascii_are_no_other_way_to_write_a_key()
    {
        // Encoders put a question mark in their place: the checksum must not be reckoned of that.
        var text = KeyText.New(KeyText.KeyPrefix);
        for (var at = 4; at < text.Length; at++)
            KeyText.IsWellFormed(text[..at] + 'é' + text[(at + 1)..], KeyText.KeyPrefix).ShouldBeFalse();
    }

    [Fact]
    public void A_hash_is_never_the_text_and_depends_on_the_secret_of_the_installation()
    {
        var text = KeyText.New(KeyText.KeyPrefix);
        var (one, other) = (new KeyHasher(new byte[32]), new KeyHasher([.. Enumerable.Repeat((byte)1, 32)]));

        one.Hash(text).ShouldBe(one.Hash(text));
        one.Hash(text).ShouldNotBe(other.Hash(text));
        one.Hash(text).ShouldNotContain(text[4..10]);
        one.Hash(text).Length.ShouldBe(2 * KeyHasher.HashLength);
        Span<byte> bytes = stackalloc byte[KeyHasher.HashLength];
        one.Hash(text, bytes);
        Convert.ToHexStringLower(bytes).ShouldBe(one.Hash(text));
    }

    [Fact]
    public void A_secret_of_the_installation_that_is_too_short_is_refused() => Should.Throw<ArgumentOutOfRangeException>(() => new KeyHasher(new byte[31]));
}
