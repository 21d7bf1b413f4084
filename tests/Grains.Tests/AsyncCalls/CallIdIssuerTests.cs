using System.Globalization;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Keys;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class CallIdIssuerTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly CallIdIssuer ids = new(Secret(1));

    private static byte[] Secret(byte of) => [.. Enumerable.Repeat(of, 32)];

    [Fact]
    public void Id_is_a_uuid_version_7_with_its_creation_time_in_milliseconds()
    {
        var id = ids.Create(Now);

        var uuid = Guid.ParseExact(id.Value, "N");
        uuid.Version.ShouldBe(7);
        (uuid.Variant & 0b1100).ShouldBe(0b1000);
        long.Parse(id.Value[..12], NumberStyles.HexNumber).ShouldBe(Now.ToUnixTimeMilliseconds());
        CallId.TryParse(id.Value, out var parsed).ShouldBeTrue();
        parsed.ShouldBe(id);
    }

    [Fact]
    public void Ids_sort_by_creation_time() =>
        Enumerable
            .Range(0, 100)
            .Select(n => ids.Create(Now.AddMilliseconds(n)).Value)
            .ShouldBeInOrder(SortDirection.Ascending, StringComparer.Ordinal);

    [Fact]
    public void Ids_of_one_millisecond_differ() =>
        Enumerable.Range(0, 10_000).Select(_ => ids.Create(Now)).Distinct().Count().ShouldBe(10_000);

    [Fact]
    public void Id_is_recognized_by_every_instance_with_the_same_secret()
    {
        var id = ids.Create(Now);

        ids.IsIssuedHere(id).ShouldBeTrue();
        new CallIdIssuer(Secret(1)).IsIssuedHere(id).ShouldBeTrue();
    }

    [Fact]
    public void Id_with_a_changed_digit_is_not_recognized()
    {
        var id = ids.Create(Now).Value;

        // A changed digit among the check bits is always detected, any other changed digit with a probability of 65,535 in 65,536.
        var passed = Enumerable
            .Range(0, id.Length)
            .Count(at => ids.IsIssuedHere(Parse(id[..at] + (id[at] == '0' ? '1' : '0') + id[(at + 1)..])));

        passed.ShouldBeLessThan(2);
    }

    [Fact]
    public void Ids_of_another_installation_or_without_check_are_not_recognized()
    {
        var other = new CallIdIssuer(Secret(2));

        // More than 2 accidental matches among 100 ids happen about once in 10^9 runs.
        Enumerable.Range(0, 100).Count(_ => ids.IsIssuedHere(other.Create(Now))).ShouldBeLessThan(3);
        Enumerable.Range(0, 100).Count(_ => ids.IsIssuedHere(CallId.Create(Now))).ShouldBeLessThan(3);
    }

    [Fact]
    public void Check_differs_from_a_key_hash_under_the_same_secret()
    {
        // The id has only ASCII bytes before the check bits, because keys are hashed as text.
        var id = Parse("01234567012370000000000000000000"[..28] + "0000");
        using var hasher = new KeyHasher(Secret(1));
        var asKey = hasher.Hash(new string([.. Convert.FromHexString(id.Value[..28]).Select(b => (char)b)]));

        ids.IsIssuedHere(Parse(id.Value[..28] + asKey[..4])).ShouldBeFalse();
    }

    private static CallId Parse(string text) => CallId.TryParse(text, out var id) ? id : throw new FormatException(text);
}
