using DeployCard.Grains.Keys;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class GateRouteTests
{
    private static readonly KeyHasher Hasher = new(new byte[32]);

    private static readonly KeyEntry[] Keys =
    [
        .. Enumerable.Range(0, 100).Select(n => new KeyEntry($"id-{n}", Hasher.Hash($"key-{n}"), null)),
    ];

    [Fact]
    public void Each_key_is_found_by_its_hash()
    {
        var route = Routes.Of(1).Opens(Keys).Ready();

        foreach (var key in Keys)
            route.FindKey(Convert.FromHexString(key.Hash))!.Key.ShouldBeSameAs(key);
    }

    [Fact]
    public void Another_hash_finds_nothing()
    {
        var route = Routes.Of(1).Opens(Keys).Ready();

        route.FindKey(Convert.FromHexString(Hasher.Hash("key-100"))).ShouldBeNull();
    }

    [Fact]
    public void A_hash_that_only_begins_like_one_finds_nothing()
    {
        var route = Routes.Of(1).Opens(Keys).Ready();
        var hash = Convert.FromHexString(Keys[7].Hash);

        hash[^1] ^= 1;

        route.FindKey(hash).ShouldBeNull();
    }

    [Fact]
    public void Without_keys_nothing_is_found() => Routes.Of(1).Ready().FindKey(new byte[KeyHasher.HashLength]).ShouldBeNull();
}
