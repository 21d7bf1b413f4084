using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Results;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Support;

/// <summary>Silos that the tests of a class share; each test uses its own deployments.</summary>
public sealed class SiloFixture : IAsyncLifetime
{
    public TestSilos Silos { get; } = new();

    public async ValueTask InitializeAsync() => await Silos.Start();

    public ValueTask DisposeAsync() => Silos.DisposeAsync();
}

/// <summary>Base class of tests that run on silos.</summary>
public abstract class SiloTest(TestSilos silos)
{
    private static int names;

    protected const string Anna = "anna";
    protected static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    protected TestSilos Silos => silos;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Returns a deployment name that no other test uses.</summary>
    protected static string NewName() => $"d{Interlocked.Increment(ref names)}";

    protected static DeploymentDraft Draft(
        string pods = "0-1",
        string image = ScriptedImageCatalog.Plain,
        ConfigurationInput? configuration = null
    ) => new(null, image, (configuration ?? new()) with { Pods = pods });

    protected async Task<DeploymentView> Create(string name, string pods = "0-1", ConfigurationInput? configuration = null) =>
        Value(await silos.Deployment(name).Create(Draft(pods, configuration: configuration), Anna, Token));

    /// <summary>Creates a deployment and waits until it has a ready pod.</summary>
    protected async Task<DeploymentView> CreateReady(string name, string pods = "1-3", ConfigurationInput? configuration = null)
    {
        silos.Pods.ReadyImmediately(name);
        await Create(name, pods, configuration);
        return await Until(name, view => view.Status is DeploymentStatus.Ready);
    }

    protected async Task<DeploymentView> View(string name) => (await silos.Deployment(name).Get()).ShouldNotBeNull();

    protected Task<DeploymentView> Until(string name, Func<DeploymentView, bool> seen, TimeSpan? step = null) =>
        silos.Until(() => View(name), seen, step);

    protected Task<DeploymentView> Until(string name, DeploymentStatus status, TimeSpan? step = null) =>
        Until(name, view => view.Status == status, step);

    /// <summary>Reports that requests wait at a gateway.</summary>
    protected Task ReportWaiting(string name, int waiting = 1, int gateway = 0) =>
        silos.Deployment(name).ReportLoad(new($"gateway-{gateway}", silos.Clock.GetUtcNow(), 0, waiting, silos.Clock.GetUtcNow(), []));

    /// <summary>Reports the requests that pods are processing for a gateway.</summary>
    protected Task ReportInFlight(string name, int inFlight, IReadOnlyList<PodName> busy, int gateway = 0) =>
        silos.Deployment(name).ReportLoad(new($"gateway-{gateway}", silos.Clock.GetUtcNow(), inFlight, 0, silos.Clock.GetUtcNow(), busy));

    /// <summary>Creates a key of the deployment.</summary>
    protected async Task<KeySummary> CreateKey(string name, DateTimeOffset? expiresAt = null, string? text = null)
    {
        text ??= KeyText.Create(KeyText.KeyPrefix);
        var draft = new KeyDraft(DeploymentName.Parse(name), "laptop", text[..KeyText.DisplayLength], expiresAt);
        return Value(await silos.Grains.GetGrain<IKeyGrain>(silos.Hasher.Hash(text)).Create(draft, Anna, Token));
    }

    /// <summary>Accepts an asynchronous call. The clock advances by 1 ms first, because ids are ordered by the millisecond.</summary>
    protected async Task<CallId> AcceptCall(string name, CallLimits? limits = null, Uri? callback = null)
    {
        silos.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var id = CallId.Create(silos.Clock.GetUtcNow());
        var uid = (await silos.Deployment(name).GetRoute()).Uid;
        var draft = new CallDraft(DeploymentName.Parse(name), uid, new("POST", "/x", [], null), limits ?? CallLimits.Default)
        {
            CallbackUrl = callback,
        };
        await silos.Service<ICallAcceptor>().Accept(id, draft);
        return id;
    }

    protected IAsyncCallGrain Call(CallId id) => silos.Grains.GetGrain<IAsyncCallGrain>(id.Value);

    protected async Task<CallView> CallView(CallId id) => (await Call(id).Get()).ShouldNotBeNull();

    protected Task<CallView> UntilEnded(CallId id, TimeSpan? step = null) =>
        silos.Until(() => CallView(id), call => call.Status is not CallStatus.Queued, step);

    /// <summary>Waits until a call has ended. The clock advances to the time of each attempt.</summary>
    protected Task<CallView> UntilEndedAfterRetries(CallId id) =>
        silos.UntilDue(() => CallView(id), call => call.NextAttemptAt, call => call.Status is not CallStatus.Queued);

    protected internal static T Value<T>(Outcome<T> outcome)
        where T : class
    {
        outcome.Errors.ShouldBeEmpty();
        return outcome.Value.ShouldNotBeNull();
    }

    protected static FieldError Error<T>(Outcome<T> outcome)
        where T : class => outcome.Errors.ShouldHaveSingleItem();
}

/// <summary>Base class of tests of which each has its own silos, for example because it stops them.</summary>
public abstract class OwnSilosTest(TestSilos silos) : SiloTest(silos), IAsyncLifetime
{
    public virtual async ValueTask InitializeAsync() => await Silos.Start();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Silos.DisposeAsync();
    }
}
