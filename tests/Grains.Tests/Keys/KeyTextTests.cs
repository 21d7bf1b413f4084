using DeployCard.Contracts.Keys;

namespace DeployCard.Grains.Tests.Keys;

public sealed class KeyTextTests
{
    [Fact]
    public void Keys_have_53_characters_and_are_unique()
    {
        var keys = Enumerable.Range(0, 1000).Select(_ => KeyText.Create(KeyText.KeyPrefix)).ToList();
        keys.ShouldAllBe(key => key.Length == KeyText.Length && key.StartsWith("dck_") && KeyText.IsWellFormed(key, KeyText.KeyPrefix));
        keys.Distinct().Count().ShouldBe(1000);
    }

    [Fact]
    public void Any_single_typing_error_is_detected()
    {
        var key = KeyText.Create(KeyText.KeyPrefix);
        for (var i = 0; i < key.Length; i++)
        {
            foreach (var letter in "abcXYZ019-_ é")
            {
                if (key[i] != letter)
                    KeyText.IsWellFormed(key[..i] + letter + key[(i + 1)..], KeyText.KeyPrefix).ShouldBeFalse();
            }
        }

        KeyText.IsWellFormed(key + "a", KeyText.KeyPrefix).ShouldBeFalse();
        KeyText.IsWellFormed(key.AsSpan(0, key.Length - 1), KeyText.KeyPrefix).ShouldBeFalse();
        KeyText.IsWellFormed("", KeyText.KeyPrefix).ShouldBeFalse();
        KeyText.IsWellFormed(key, KeyText.AdministratorPrefix).ShouldBeFalse();
    }

    [Fact]
    public void Hash_depends_on_the_secret_of_the_installation()
    {
        var key = KeyText.Create(KeyText.KeyPrefix);
        var one = new KeyHasher([.. Enumerable.Repeat((byte)1, 32)]);
        var other = new KeyHasher([.. Enumerable.Repeat((byte)2, 32)]);
        one.Hash(key).ShouldBe(one.Hash(key));
        one.Hash(key).ShouldNotBe(other.Hash(key));
        one.Hash(key).Length.ShouldBe(64);
    }
}
