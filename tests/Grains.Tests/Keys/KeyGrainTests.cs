using System.Text;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Results;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Keys;

public sealed class KeyGrainTests(KeyGrainTests.Fixture fixture) : SiloTest(fixture.Silos), IClassFixture<KeyGrainTests.Fixture>
{
    private const int MostKeys = 3;

    [Fact]
    public async Task A_new_key_opens_its_deployment_on_every_silo_when_it_is_told()
    {
        var name = NewName();
        await Create(name);

        var key = await CreateKey(name);

        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Keys.Single().Hash == key.Hash);
        (await Store.List([DeploymentName.Parse(name)], Token)).ShouldHaveSingleItem().ShouldBe(key);
        key.CreatedBy.ShouldBe(Anna);
        key.Prefix.Length.ShouldBe(KeyText.Shown);
        (await Silos.Deployment(name).Events())[0]
            .ShouldSatisfyAllConditions(e => e.Kind.ShouldBe(EventKind.KeyCreated), e => e.Actor.ShouldBe(Anna));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_on_every_silo_when_that_is_told()
    {
        var name = NewName();
        await Create(name);
        var key = await CreateKey(name);

        var revoked = Value(await Grain(key).Revoke("bob", Token));

        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Keys.Count == 0);
        revoked.RevokedAt.ShouldNotBeNull();
        (await Store.List([DeploymentName.Parse(name)], Token)).ShouldHaveSingleItem().RevokedAt.ShouldBe(revoked.RevokedAt);
        (await Silos.Deployment(name).Events())[0]
            .ShouldSatisfyAllConditions(e => e.Kind.ShouldBe(EventKind.KeyRevoked), e => e.Actor.ShouldBe("bob"));
    }

    [Fact]
    public async Task Revoking_it_again_changes_nothing()
    {
        var name = NewName();
        await Create(name);
        var key = await CreateKey(name);
        var first = Value(await Grain(key).Revoke("bob", Token));
        await Silos.Pass(Second, steps: 1);

        Value(await Grain(key).Revoke("carol", Token)).ShouldBe(first);
    }

    [Fact]
    public async Task A_revoked_key_goes_for_good_after_its_retention()
    {
        var name = NewName();
        await Create(name);
        var key = await CreateKey(name);
        Value(await Grain(key).Revoke("bob", Token));

        await Silos.Pass(TimeSpan.FromDays(2.9));
        (await Store.List([DeploymentName.Parse(name)], Token)).ShouldHaveSingleItem();

        await Silos.Until(async () => await Stored(key) == 0, TimeSpan.FromHours(1));
        (await Grain(key).Get()).ShouldBeNull();
    }

    [Fact]
    public async Task A_key_may_expire_in_many_years()
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
    public async Task A_name_that_is_too_short_or_too_long_is_refused(string text, int times = 1)
    {
        var name = NewName();
        await Create(name);

        var error = Error(
            await NewKey()
                .Create(new(DeploymentName.Parse(name), string.Concat(Enumerable.Repeat(text, times)), "dck_abcdef", null), Anna, Token)
        );

        error.Field.ShouldBe("name");
        error.Code.ShouldBe(ErrorCodes.Invalid);
        (await Store.List([DeploymentName.Parse(name)], Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_expiry_in_the_past_is_refused()
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
    public async Task A_deployment_has_a_bounded_number_of_keys_and_the_one_too_many_leaves_nothing()
    {
        var name = NewName();
        await Create(name);
        var keys = new List<KeySummary>();
        for (var i = 0; i < MostKeys; i++)
            keys.Add(await CreateKey(name));

        var error = Error(await NewKey().Create(new(DeploymentName.Parse(name), "one too many", "dck_abcdef", null), Anna, Token));

        error.Code.ShouldBe(ErrorCodes.LimitReached);
        (await Store.List([DeploymentName.Parse(name)], Token)).Count.ShouldBe(MostKeys);
        Value(await Grain(keys[0]).Revoke(Anna, Token));
        await CreateKey(name);
    }

    [Fact]
    public async Task A_key_of_a_deployment_that_is_not_there_is_refused_and_leaves_nothing()
    {
        var name = NewName();

        Error(await NewKey().Create(new(DeploymentName.Parse(name), "laptop", "dck_abcdef", null), Anna, Token))
            .Code.ShouldBe(ErrorCodes.NotFound);

        (await Store.List([DeploymentName.Parse(name)], Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Its_last_use_is_written_at_most_once_a_minute()
    {
        var name = NewName();
        await Create(name);
        var key = await CreateKey(name);
        var first = Silos.Clock.GetUtcNow();

        await Grain(key).Used(first);
        await Grain(key).Used(first + TimeSpan.FromSeconds(59));
        (await Grain(key).Get())!.LastUsedAt.ShouldBe(first);
        await Grain(key).Used(first + TimeSpan.FromSeconds(60));
        (await Grain(key).Get())!.LastUsedAt.ShouldBe(first + TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task No_part_of_a_key_beyond_its_prefix_is_ever_stored()
    {
        var name = NewName();
        await Create(name);
        var text = KeyText.New(KeyText.KeyPrefix);
        var key = await CreateKey(name, text: text);
        Value(await Grain(key).Revoke(Anna, Token));

        var stored = await Silos.StoredBytes();

        Holds(stored, key.Hash).ShouldBeTrue();
        Holds(stored, text[..KeyText.Shown]).ShouldBeTrue();
        Holds(stored, text[..(KeyText.Shown + 6)]).ShouldBeFalse();
        for (var i = KeyText.Shown; i + 12 <= text.Length; i++)
            Holds(stored, text.Substring(i, 12)).ShouldBeFalse();
    }

    private IKeyStore Store => Silos.Service<IKeyStore>();

    private static bool Holds(byte[] bytes, string text) => bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)) >= 0;

    private IKeyGrain Grain(KeySummary key) => Silos.Grains.GetGrain<IKeyGrain>(key.Hash);

    private IKeyGrain NewKey() => Silos.Grains.GetGrain<IKeyGrain>(Silos.Hasher.Hash(KeyText.New(KeyText.KeyPrefix)));

    private Task<long> Stored(KeySummary key) => Silos.Count("OrleansStorage WHERE GrainIdExtensionString = @hash", ("@hash", key.Hash));

    public sealed class Fixture : IAsyncLifetime
    {
        public TestSilos Silos { get; } = new() { Settings = { ["Deployments:MaxKeysPerDeployment"] = $"{MostKeys}" } };

        public async ValueTask InitializeAsync() => await Silos.Start();

        public ValueTask DisposeAsync() => Silos.DisposeAsync();
    }
}
