using System.Text;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Results;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Keys;

public sealed class KeyGrainTests(KeyGrainTests.Fixture fixture) : SiloTest(fixture.Silos), IClassFixture<KeyGrainTests.Fixture>
{
    private const int MaxKeys = 3;

    [Fact]
    public async Task New_key_is_known_to_every_gateway_when_creation_returns()
    {
        var name = NewName();
        await Create(name);

        var key = await CreateKey(name);

        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Keys.Single().Hash == key.Hash);
        (await Store.List([DeploymentName.Parse(name)], Token)).ShouldHaveSingleItem().ShouldBe(key);
        key.CreatedBy.ShouldBe(Anna);
        key.Prefix.Length.ShouldBe(KeyText.DisplayLength);
        (await Silos.Deployment(name).GetEvents())[0]
            .ShouldSatisfyAllConditions(e => e.Kind.ShouldBe(EventKind.KeyCreated), e => e.Actor.ShouldBe(Anna));
    }

    [Fact]
    public async Task Revoked_key_is_removed_from_every_gateway_when_revocation_returns()
    {
        var name = NewName();
        await Create(name);
        var key = await CreateKey(name);

        var revoked = Value(await Grain(key).Revoke("bob", Token));

        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Keys.Count == 0);
        revoked.RevokedAt.ShouldNotBeNull();
        (await Store.List([DeploymentName.Parse(name)], Token)).ShouldHaveSingleItem().RevokedAt.ShouldBe(revoked.RevokedAt);
        (await Silos.Deployment(name).GetEvents())[0]
            .ShouldSatisfyAllConditions(e => e.Kind.ShouldBe(EventKind.KeyRevoked), e => e.Actor.ShouldBe("bob"));
    }

    [Fact]
    public async Task Revoking_a_revoked_key_changes_nothing()
    {
        var name = NewName();
        await Create(name);
        var key = await CreateKey(name);
        var first = Value(await Grain(key).Revoke("bob", Token));
        await Silos.AdvanceInSteps(Second, steps: 1);

        Value(await Grain(key).Revoke("carol", Token)).ShouldBe(first);
    }

    [Fact]
    public async Task Revoked_key_is_removed_after_its_retention()
    {
        var name = NewName();
        await Create(name);
        var key = await CreateKey(name);
        Value(await Grain(key).Revoke("bob", Token));

        await Silos.AdvanceInSteps(TimeSpan.FromDays(2.9));
        (await Store.List([DeploymentName.Parse(name)], Token)).ShouldHaveSingleItem();

        await Silos.Until(async () => await Stored(key) == 0, TimeSpan.FromHours(1));
        (await Grain(key).Get()).ShouldBeNull();
    }

    [Fact]
    public async Task Key_can_expire_in_ten_years()
    {
        var name = NewName();
        await Create(name);

        var key = await CreateKey(name, Silos.Clock.GetUtcNow() + TimeSpan.FromDays(3650));

        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Keys.Count == 1);
        Value(await Grain(key).Revoke("bob", Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("x", 101)]
    public async Task Name_of_invalid_length_is_rejected(string text, int times = 1)
    {
        var name = NewName();
        await Create(name);

        var error = Error(
            await NewKey()
                .Create(new(DeploymentName.Parse(name), string.Concat(Enumerable.Repeat(text, times)), "dck_abcdef", null), Anna, Token)
        );

        error.Field.ShouldBe("name");
        error.Code.ShouldBe(ErrorCodes.InvalidInput);
        (await Store.List([DeploymentName.Parse(name)], Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Expiry_in_the_past_is_rejected()
    {
        var name = NewName();
        await Create(name);

        var error = Error(
            await NewKey().Create(new(DeploymentName.Parse(name), "old", "dck_abcdef", Silos.Clock.GetUtcNow()), Anna, Token)
        );

        error.Field.ShouldBe("expiresAt");
        (await Store.List([DeploymentName.Parse(name)], Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Key_beyond_the_limit_is_rejected_and_not_stored()
    {
        var name = NewName();
        await Create(name);
        var keys = new List<KeySummary>();
        for (var i = 0; i < MaxKeys; i++)
            keys.Add(await CreateKey(name));

        var error = Error(await NewKey().Create(new(DeploymentName.Parse(name), "one too many", "dck_abcdef", null), Anna, Token));

        error.Code.ShouldBe(ErrorCodes.LimitReached);
        (await Store.List([DeploymentName.Parse(name)], Token)).Count.ShouldBe(MaxKeys);
        Value(await Grain(keys[0]).Revoke(Anna, Token));
        await CreateKey(name);
    }

    [Fact]
    public async Task Key_of_an_unknown_deployment_is_rejected_and_not_stored()
    {
        var name = NewName();

        Error(await NewKey().Create(new(DeploymentName.Parse(name), "laptop", "dck_abcdef", null), Anna, Token))
            .Code.ShouldBe(ErrorCodes.NotFound);

        (await Store.List([DeploymentName.Parse(name)], Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Last_use_is_written_at_most_once_a_minute()
    {
        var name = NewName();
        await Create(name);
        var key = await CreateKey(name);
        var first = Silos.Clock.GetUtcNow();

        await Grain(key).RecordUse(first);
        await Grain(key).RecordUse(first + TimeSpan.FromSeconds(59));
        (await Grain(key).Get())!.LastUsedAt.ShouldBe(first);
        await Grain(key).RecordUse(first + TimeSpan.FromSeconds(60));
        (await Grain(key).Get())!.LastUsedAt.ShouldBe(first + TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Text_of_a_key_beyond_its_prefix_is_not_stored()
    {
        var name = NewName();
        await Create(name);
        var text = KeyText.Create(KeyText.KeyPrefix);
        var key = await CreateKey(name, text: text);
        Value(await Grain(key).Revoke(Anna, Token));

        var stored = await Silos.StoredBytes();

        Contains(stored, key.Hash).ShouldBeTrue();
        Contains(stored, text[..KeyText.DisplayLength]).ShouldBeTrue();
        Contains(stored, text[..(KeyText.DisplayLength + 6)]).ShouldBeFalse();
        for (var i = KeyText.DisplayLength; i + 12 <= text.Length; i++)
            Contains(stored, text.Substring(i, 12)).ShouldBeFalse();
    }

    private IKeyStore Store => Silos.Service<IKeyStore>();

    private static bool Contains(byte[] bytes, string text) => bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)) >= 0;

    private IKeyGrain Grain(KeySummary key) => Silos.Grains.GetGrain<IKeyGrain>(key.Hash);

    private IKeyGrain NewKey() => Silos.Grains.GetGrain<IKeyGrain>(Silos.Hasher.Hash(KeyText.Create(KeyText.KeyPrefix)));

    private Task<long> Stored(KeySummary key) =>
        Silos.CountRows("OrleansStorage WHERE GrainIdExtensionString = @hash", ("@hash", key.Hash));

    public sealed class Fixture : IAsyncLifetime
    {
        public TestSilos Silos { get; } = new() { Settings = { ["Deployments:MaxKeysPerDeployment"] = $"{MaxKeys}" } };

        public async ValueTask InitializeAsync() => await Silos.Start();

        public ValueTask DisposeAsync() => Silos.DisposeAsync();
    }
}
