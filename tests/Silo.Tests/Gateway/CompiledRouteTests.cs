using DeployCard.Contracts.Keys;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class CompiledRouteTests
{
    private static readonly KeyHasher Hasher = new(new byte[32]);

    private static readonly KeyEntry[] Keys =
    [
        .. Enumerable.Range(0, 100).Select(n => new KeyEntry($"id-{n}", Hasher.Hash($"key-{n}"), null)),
    ];

    [Fact]
    public void Key_is_found_by_its_hash()
    {
        var route = Routes.Create(1).WithKeys(Keys).Compile();

        foreach (var key in Keys)
            route.FindKey(Convert.FromHexString(key.Hash))!.Key.ShouldBeSameAs(key);
    }

    [Fact]
    public void Unknown_hash_finds_no_key()
    {
        var route = Routes.Create(1).WithKeys(Keys).Compile();

        route.FindKey(Convert.FromHexString(Hasher.Hash("key-100"))).ShouldBeNull();
    }

    [Fact]
    public void Hash_with_the_same_prefix_finds_no_key()
    {
        var route = Routes.Create(1).WithKeys(Keys).Compile();
        var hash = Convert.FromHexString(Keys[7].Hash);

        hash[^1] ^= 1;

        route.FindKey(hash).ShouldBeNull();
    }

    [Fact]
    public void Route_without_keys_finds_no_key() => Routes.Create(1).Compile().FindKey(new byte[KeyHasher.HashLength]).ShouldBeNull();
}
