using System.Diagnostics.Metrics;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Deployments;
using DeployCard.Domain.AsyncCalls;
using DeployCard.Domain.Callbacks;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.AsyncCalls;

/// <summary>The parts of the grain of one call, connected as in the grain, with doubles of storage, queue, pods and receivers.</summary>
internal sealed class CallParts : IDisposable
{
    public const string Deployment = "iris";
    public const string Host = "receiver.test";
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly CancellationTokenSource stop = new();

    public CallParts(Func<AsyncCallState, AsyncCallState>? change = null)
    {
        var queued = new AsyncCallState
        {
            Id = Id.Value,
            Deployment = Deployment,
            CreatedAt = Start,
            RequestBytes = 7,
        };
        Stored = new(change?.Invoke(queued) ?? queued)
        {
            OnWrite = () =>
            {
                Steps.Add("write");
                return Task.CompletedTask;
            },
        };
        Grains.OnRequest = Steps.Add;
        var (time, log, meters) = (Time, NullLogger.Instance, services.GetRequiredService<IMeterFactory>());
        var dispatcher = new CallbackDispatcher(Grains.Factory, Sender, new(meters), Options.Create(new CallbackOptions()), time);
        var bodies = GrainsDouble.CreateProxy<IBodyStore>(
            (method, arguments) =>
            {
                Steps.Add($"{method.Name} body {arguments[1]}");
                return GrainsDouble.CompletedTask(method);
            }
        );
        var metrics = new AsyncCallMetrics(meters, time);
        Call = new(Id.Value, Stored, Grains.Factory, () => Steps.Add("timer"));
        Waiters = new(time, stop.Token);
        Executor = new(Call, Pods, Settings, time, log, stop.Token);
        Callbacks = new(Call, dispatcher, time, log, stop.Token);
        Ending = new(Call, Executor, Waiters, Callbacks, metrics, time, log);
        Attempts = new(Call, Executor, Ending, bodies, Settings, metrics, time, stop.Token);
        Grains.On<IAsyncCallGrain>("StartAttempt", (_, a) => Attempts.Start((Guid)a[0]!, (string)a[1]!));
        Grains.On<IAsyncCallGrain>("CompleteAttempt", (_, a) => Attempts.Complete((int)a[0]!, (AttemptOutcome)a[1]!));
        Grains.On<IAsyncCallGrain>("CompleteWithoutPod", (_, a) => Attempts.CompleteWithoutPod((Guid)a[0]!, (AttemptOutcome)a[1]!));
        Grains.On<IAsyncCallGrain>("CompleteDelivery", (_, a) => Callbacks.Complete((int)a[0]!, (bool)a[1]!, (DeliveryAttempt)a[2]!));
        Grains.On<IDeploymentGrain>(
            "GetWebhookSecrets",
            (_, _) => Task.FromResult<IReadOnlyList<WebhookSecret>>([new("secret", Start, "anna")])
        );
    }

    public CallId Id { get; } = CallId.Create(Start);

    public FakeTimeProvider Time { get; } = new(Start);

    public AsyncCallOptions Settings { get; } = new() { MaxAttempts = 2 };

    public GrainsDouble Grains { get; } = new();

    public ScriptedPodCaller Pods { get; } = new();

    public ScriptedCallbackSender Sender { get; } = new();

    /// <summary>Writes of the state and requests to grains, in order.</summary>
    public List<string> Steps { get; } = [];

    public PersistentStateDouble<AsyncCallState> Stored { get; }

    public StoredCall Call { get; }

    public EndWaiters Waiters { get; }

    public CallExecutor Executor { get; }

    public CallbackDeliverer Callbacks { get; }

    public CallEnding Ending { get; }

    public CallAttempts Attempts { get; }

    /// <summary>Returns the state of an ended call. The lease of its first delivery ends at <paramref name="lease"/>.</summary>
    public static AsyncCallState Ended(AsyncCallState state, DateTimeOffset lease) =>
        state with
        {
            Status = CallStatus.Completed,
            EndedAt = Start,
            StoredPurgeAt = Start.AddDays(3),
            Callback = new()
            {
                Url = new($"https://{Host}/"),
                EndNumber = 1,
                NextDeliveryAt = lease,
            },
        };

    /// <summary>Lets the silo stop.</summary>
    public void Stop() => stop.Cancel();

    /// <summary>Lets every write fail.</summary>
    public void FailWrites() => Stored.OnWrite = () => throw new IOException("The disk is full.");

    public void Dispose()
    {
        Executor.Dispose();
        stop.Dispose();
        services.Dispose();
    }
}
