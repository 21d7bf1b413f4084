using DeployCard.Contracts.AsyncCalls;
using DeployCard.Gateway;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class CallEndWaiterTests : IClassFixture<CallSilo>, IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly CallSilo silo;
    private readonly ApplicationLifetime lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly CancellationTokenSource client = CancellationTokenSource.CreateLinkedTokenSource(
        TestContext.Current.CancellationToken
    );
    private readonly CallEndWaiter watch;

    public CallEndWaiterTests(CallSilo silo)
    {
        this.silo = silo;
        watch = new(silo.Silos.Grains, lifetime, silo.Silos.Clock);
    }

    public void Dispose() => client.Dispose();

    [Fact]
    public async Task Wait_ends_with_the_call_after_several_polls()
    {
        var id = await silo.Accept();
        var waiting = watch.WaitForEnd(id, Minute, client.Token);
        // Two polls of 10 s each.
        await silo.Silos.AdvanceInSteps(TimeSpan.FromSeconds(25));
        waiting.IsCompleted.ShouldBeFalse();

        await silo.Cancel(id);

        await EndsSoon(waiting);
    }

    [Fact]
    public async Task Wait_ends_when_its_timeout_elapses()
    {
        var id = await silo.Accept();

        await EndsSoon(watch.WaitForEnd(id, TimeSpan.FromMilliseconds(10), client.Token));
        await EndsSoon(watch.WaitForEnd(id, TimeSpan.Zero, client.Token));

        (await silo.Call(id).Get())!.Status.ShouldBe(CallStatus.Queued);
    }

    [Fact]
    public async Task Wait_ends_when_the_silo_stops()
    {
        var waiting = watch.WaitForEnd(await silo.Accept(), Minute, client.Token);

        lifetime.StopApplication();

        await EndsSoon(waiting);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Wait_continues_after_the_loss_of_the_silo_that_hosts_the_call(bool isKilled)
    {
        await using var others = new CallSilo();
        others.Silos.SiloCount = 3;
        await others.InitializeAsync();
        var id = await others.Accept();
        await others.Call(id).Get();
        var grains = (await others.Silos.ServicesOfOtherSilo(others.Call(id))).GetRequiredService<IGrainFactory>();
        var waiting = new CallEndWaiter(grains, lifetime, TimeProvider.System).WaitForEnd(id, Minute, client.Token);

        var home = await others.Silos.FindSilo(others.Call(id));
        await (isKilled ? others.Silos.Cluster.KillSiloAsync(home, client.Token) : others.Silos.Cluster.StopSiloAsync(home, client.Token));
        await grains.GetGrain<IAsyncCallGrain>(id.Value).Get();
        waiting.IsCompleted.ShouldBeFalse();
        (await grains.GetGrain<IAsyncCallGrain>(id.Value).Cancel("ada", client.Token)).Errors.ShouldBeEmpty();

        await EndsSoon(waiting);
    }

    [Fact]
    public async Task Wait_is_canceled_when_the_client_disconnects()
    {
        var waiting = watch.WaitForEnd(await silo.Accept(), Minute, client.Token);

        await client.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(EndsSoon(waiting));
    }

    private static Task EndsSoon(Task waiting) => waiting.WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System);
}
