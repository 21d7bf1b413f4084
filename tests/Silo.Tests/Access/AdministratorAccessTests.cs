using DeployCard.Silo.Access;
using DeployCard.Silo.Tests.Gateway;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeployCard.Silo.Tests.Access;

/// <summary>A silo starts with the administrator token, even if other silos create or replace it concurrently.</summary>
public sealed class AdministratorAccessTests : IAsyncLifetime
{
    // Each test has a new installation without a token.
    private readonly CallSilo silo = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => silo.InitializeAsync();

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task Only_one_of_several_silos_that_start_concurrently_creates_the_token_and_all_accept_it()
    {
        var starting = Enumerable.Range(0, 4).Select(_ => Access(replaceToken: false)).ToList();

        await Task.WhenAll(starting.Select(access => access.StartAsync(Token)));

        // Only the silo that created the token returns it.
        List<string> tokens = [.. starting.Select(access => access.ConsumeNewToken()).OfType<string>()];
        await ShouldAccept(starting, tokens.ShouldHaveSingleItem());
    }

    [Fact]
    public async Task Silo_starts_if_another_silo_writes_the_token_first()
    {
        var first = Access(replaceToken: true);
        await first.StartAsync(Token);
        await silo.Silos.IncrementStateVersion("administrator", "0");
        var second = Access(replaceToken: true);

        await second.StartAsync(Token);

        await ShouldAccept([second], second.ConsumeNewToken().ShouldNotBeNull());
    }

    private AdministratorAccess Access(bool replaceToken) =>
        new(
            silo.Silos.Grains,
            new(TimeProvider.System),
            silo.Silos.Hasher,
            TimeProvider.System,
            NullLogger<AdministratorAccess>.Instance,
            replaceToken
        );

    /// <summary>Asserts that all silos accept this token and reject a different one.</summary>
    private static async Task ShouldAccept(List<AdministratorAccess> all, string token)
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
