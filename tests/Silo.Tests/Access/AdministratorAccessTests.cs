using DeployCard.Silo.Access;
using DeployCard.Silo.Tests.Gateway;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeployCard.Silo.Tests.Access;

/// <summary>That a silo starts with the administrator token, whatever others do with it at the same moment.</summary>
public sealed class AdministratorAccessTests : IAsyncLifetime
{
    // Each test has an installation that has no token yet.
    private readonly CallSilo silo = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => silo.InitializeAsync();

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task Of_silos_that_start_at_once_one_makes_the_token_and_all_know_it()
    {
        var starting = Enumerable.Range(0, 4).Select(_ => Access(wantsNewToken: false)).ToList();

        await Task.WhenAll(starting.Select(access => access.StartAsync(Token)));

        // Each tells its token once only.
        List<string> tokens = [.. starting.Select(access => access.TakeNewToken()).OfType<string>()];
        await Open(starting, tokens.ShouldHaveSingleItem());
    }

    [Fact]
    public async Task A_silo_whose_write_another_one_overtook_starts_nevertheless()
    {
        var first = Access(wantsNewToken: true);
        await first.StartAsync(Token);
        await silo.Silos.Overtake("administrator", "0");
        var second = Access(wantsNewToken: true);

        await second.StartAsync(Token);

        await Open([second], second.TakeNewToken().ShouldNotBeNull());
    }

    private AdministratorAccess Access(bool wantsNewToken) =>
        new(
            silo.Silos.Grains,
            new(TimeProvider.System),
            silo.Silos.Hasher,
            TimeProvider.System,
            NullLogger<AdministratorAccess>.Instance,
            wantsNewToken
        );

    /// <summary>They take this token and no other one.</summary>
    private static async Task Open(List<AdministratorAccess> all, string token)
    {
        foreach (var access in all)
        {
            (await access.Authenticate(token, Token)).ShouldNotBeNull();
            (await access.Authenticate($"{token[..^1]}{(token[^1] == 'a' ? 'b' : 'a')}", Token)).ShouldBeNull();
            await access.StopAsync(Token);
            access.Dispose();
        }
    }
}
