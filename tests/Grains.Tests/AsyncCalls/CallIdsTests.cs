using System.Globalization;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Keys;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class CallIdsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly CallIds ids = new(Secret(1));

    private static byte[] Secret(byte of) => [.. Enumerable.Repeat(of, 32)];

    [Fact]
    public void An_id_is_a_uuid_of_version_7_that_tells_its_millisecond()
    {
        var id = ids.New(Now);

        var uuid = Guid.ParseExact(id.Value, "N");
        uuid.Version.ShouldBe(7);
        (uuid.Variant & 0b1100).ShouldBe(0b1000);
        long.Parse(id.Value[..12], NumberStyles.HexNumber).ShouldBe(Now.ToUnixTimeMilliseconds());
        CallId.TryParse(id.Value, out var parsed).ShouldBeTrue();
        parsed.ShouldBe(id);
    }

    [Fact]
    public void Ids_sort_by_their_time() =>
        Enumerable
            .Range(0, 100)
            .Select(n => ids.New(Now.AddMilliseconds(n)).Value)
            .ShouldBeInOrder(SortDirection.Ascending, StringComparer.Ordinal);

    [Fact]
    public void Ids_of_one_millisecond_differ() =>
        Enumerable.Range(0, 10_000).Select(_ => ids.New(Now)).Distinct().Count().ShouldBe(10_000);

    [Fact]
    public void An_id_is_known_again_by_whoever_has_the_secret()
    {
        var id = ids.New(Now);

        ids.IsOurs(id).ShouldBeTrue();
        new CallIds(Secret(1)).IsOurs(id).ShouldBeTrue();
    }

    [Fact]
    public void An_id_of_which_any_digit_is_another_is_not_ours()
    {
        var id = ids.New(Now).Value;

        // A digit of the check itself is always found out, one before it but for once in 65,536 times.
        var passed = Enumerable.Range(0, id.Length).Count(at => ids.IsOurs(Parse(id[..at] + (id[at] == '0' ? '1' : '0') + id[(at + 1)..])));

        passed.ShouldBeLessThan(2);
    }

    [Fact]
    public void Ids_of_another_installation_or_of_none_are_not_ours()
    {
        var other = new CallIds(Secret(2));

        // Of 100, more than 2 by chance would happen once in 10^9 runs.
        Enumerable.Range(0, 100).Count(_ => ids.IsOurs(other.New(Now))).ShouldBeLessThan(3);
        Enumerable.Range(0, 100).Count(_ => ids.IsOurs(CallId.New(Now))).ShouldBeLessThan(3);
    }

    [Fact]
    public void The_check_is_no_hash_of_a_key()
    {
        // Only of ASCII bytes is there a text whose hash as a key could be asked for.
        var id = Parse("01234567012370000000000000000000"[..28] + "0000");
        using var hasher = new KeyHasher(Secret(1));
        var asKey = hasher.Hash(new string([.. Convert.FromHexString(id.Value[..28]).Select(b => (char)b)]));

        ids.IsOurs(Parse(id.Value[..28] + asKey[..4])).ShouldBeFalse();
    }

    private static CallId Parse(string text) => CallId.TryParse(text, out var id) ? id : throw new FormatException(text);
}
