using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.Tests.Support;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>A real silo with one deployment, whose calls run until they are canceled.</summary>
public sealed class CallSilo : IAsyncLifetime
{
    private const string Ada = "ada";

    public TestSilos Silos { get; } = new() { SiloCount = 1 };

    /// <summary>API key of the deployment.</summary>
    public string Key { get; } = KeyText.Create(KeyText.KeyPrefix);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Silos.Start();
        (
            await Silos
                .Deployment("iris")
                .Create(new(null, ScriptedImageCatalog.Plain, new() { Pods = "0-1" }), Ada, CancellationToken.None)
        ).Errors.ShouldBeEmpty();
        var key = Silos.Grains.GetGrain<IKeyGrain>(Silos.Hasher.Hash(Key));
        (
            await key.Create(new(DeploymentName.Parse("iris"), "ci", Key[..KeyText.DisplayLength], null), Ada, CancellationToken.None)
        ).Errors.ShouldBeEmpty();
        Silos.Caller.Hang("iris");
    }

    public ValueTask DisposeAsync() => Silos.DisposeAsync();

    public IAsyncCallGrain Call(CallId id) => Silos.Grains.GetGrain<IAsyncCallGrain>(id.Value);

    public async Task<CallId> Accept(CallId? id = null)
    {
        id ??= CallId.Create(Silos.Clock.GetUtcNow());
        var uid = (await Silos.Deployment("iris").GetRoute()).Uid;
        await Silos
            .Service<ICallAcceptor>()
            .Accept(id.Value, new(DeploymentName.Parse("iris"), uid, new("POST", "/x", [], null), CallLimits.Default));
        return id.Value;
    }

    public async Task Cancel(CallId id) => (await Call(id).Cancel(Ada, Cancellation)).Errors.ShouldBeEmpty();
}
