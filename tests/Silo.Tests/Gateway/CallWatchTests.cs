using DeployCard.Grains.AsyncCalls;
using DeployCard.Silo.Gateway;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class CallWatchTests : IClassFixture<CallSilo>, IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly CallSilo silo;
    private readonly ApplicationLifetime lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly CancellationTokenSource client = CancellationTokenSource.CreateLinkedTokenSource(
        TestContext.Current.CancellationToken
    );
    private readonly CallWatch watch;

    public CallWatchTests(CallSilo silo)
    {
        this.silo = silo;
        watch = new(silo.Silos.Grains, lifetime, silo.Silos.Clock);
    }

    public void Dispose() => client.Dispose();

    [Fact]
    public async Task It_ends_with_the_call_however_many_turns_that_takes()
    {
        var id = await silo.Accept();
        var waiting = watch.For(id, Minute, client.Token);
        // Two turns of 10 s each.
        await silo.Silos.Pass(TimeSpan.FromSeconds(25));
        waiting.IsCompleted.ShouldBeFalse();

        await silo.Cancel(id);

        await AtOnce(waiting);
    }

    [Fact]
    public async Task It_ends_with_its_time()
    {
        var id = await silo.Accept();

        await AtOnce(watch.For(id, TimeSpan.FromMilliseconds(10), client.Token));
        await AtOnce(watch.For(id, TimeSpan.Zero, client.Token));

        (await silo.Call(id).Get())!.Status.ShouldBe(CallStatus.Queued);
    }

    [Fact]
    public async Task It_ends_with_the_silo()
    {
        var waiting = watch.For(await silo.Accept(), Minute, client.Token);

        lifetime.StopApplication();

        await AtOnce(waiting);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_goes_on_when_the_calls_silo_goes(bool isKilled)
    {
        await using var others = new CallSilo();
        others.Silos.Silos = 3;
        await others.InitializeAsync();
        var id = await others.Accept();
        await others.Call(id).Get();
        var grains = (await others.Silos.Elsewhere(others.Call(id))).GetRequiredService<IGrainFactory>();
        var waiting = new CallWatch(grains, lifetime, TimeProvider.System).For(id, Minute, client.Token);

        var home = await others.Silos.SiloOf(others.Call(id));
        await (isKilled ? others.Silos.Cluster.KillSiloAsync(home, client.Token) : others.Silos.Cluster.StopSiloAsync(home, client.Token));
        await grains.GetGrain<IAsyncCallGrain>(id.Value).Get();
        waiting.IsCompleted.ShouldBeFalse();
        (await grains.GetGrain<IAsyncCallGrain>(id.Value).Cancel("ada", client.Token)).Errors.ShouldBeEmpty();

        await AtOnce(waiting);
    }

    [Fact]
    public async Task It_ends_with_its_client()
    {
        var waiting = watch.For(await silo.Accept(), Minute, client.Token);

        await client.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(AtOnce(waiting));
    }

    private static Task AtOnce(Task waiting) => waiting.WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System);
}
