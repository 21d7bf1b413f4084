using System.Reflection;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using DeployCard.Kubernetes.Hosting;
using DeployCard.Kubernetes.Settings;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>Kubernetes runtime as a silo registers it. Several hosts on one API server act as several silos.</summary>
internal sealed class KubernetesHost : IAsyncDisposable
{
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(TestCluster.IsReal ? 180 : 30);
    public static readonly DeploymentName Iris = DeploymentName.Parse("iris");

    private readonly IHost host;

    private KubernetesHost(
        string kubeConfig,
        RecordedLog log,
        DeploymentsDouble deployments,
        TimeProvider time,
        Action<KubernetesOptions>? configure
    )
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder
            .Services.AddLogging(logging => logging.AddProvider(LogMessages))
            .AddSingleton<IPodLogForwarder>(log)
            .AddSingleton<IPodLogCheckpoint>(log)
            .AddSingleton(deployments.Grains)
            .AddSingleton(time)
            .AddKubernetesRuntime()
            .Configure<KubernetesOptions>(options =>
            {
                options.KubeConfig = kubeConfig;
                (options.InitialBackoff, options.MaxBackoff) = (TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100));
                configure?.Invoke(options);
            });
        host = builder.Build();
        (Log, Deployments) = (log, deployments);
    }

    public IPodRuntime Runtime => host.Services.GetRequiredService<IPodRuntime>();

    public IPodUsage Usage => host.Services.GetRequiredService<IPodUsage>();

    /// <summary>Lines that were forwarded to the log; several hosts can share it.</summary>
    public RecordedLog Log { get; }

    public DeploymentsDouble Deployments { get; }

    public RecordedLogMessages LogMessages { get; } = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<KubernetesHost> Start(
        string kubeConfig,
        Action<KubernetesOptions>? configure = null,
        RecordedLog? log = null,
        DeploymentsDouble? deployments = null,
        TimeProvider? time = null
    )
    {
        var silo = new KubernetesHost(kubeConfig, log ?? new(), deployments ?? new(), time ?? TimeProvider.System, configure);
        await silo.host.StartAsync(Token);
        return silo;
    }

    public static PodSpec CreateSpec(
        string name = "iris-1-aaaaa",
        string image = "registry.example.org/iris:1",
        DeploymentName? deployment = null
    ) =>
        new()
        {
            Name = new(name),
            Deployment = deployment ?? Iris,
            Revision = 1,
            Image = image,
            Environment = new Dictionary<string, string>(),
            StartupTimeout = TimeSpan.FromSeconds(60),
        };

    public async Task<PodSpec> StartPod(PodSpec? pod = null)
    {
        pod ??= CreateSpec();
        await Runtime.Start(pod, Token);
        return pod;
    }

    public Task<PodObservation?> StopPod(PodSpec pod, double seconds = 20) => Runtime.Stop(pod.Name, TimeSpan.FromSeconds(seconds), Token);

    /// <summary>Begins to watch a deployment, as its grain does.</summary>
    public PodWatch Watch(DeploymentName? deployment = null) => new(Runtime, deployment ?? Iris);

    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await host.StopAsync(timeout.Token);
        host.Dispose();
    }

    public static Task WaitUntil(Func<bool> condition, string description) => Eventually.True(condition, description, Token, WaitTimeout);

    /// <summary>Waits until a condition is met.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="describe">Returns the condition and what was seen last, for the exception at the timeout.</param>
    public static Task WaitUntil(Func<bool> condition, Func<string> describe) =>
        Eventually.True(condition, "the condition", Token, WaitTimeout, describe);
}

/// <summary>Watch of a deployment that records all reports.</summary>
internal sealed class PodWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource end = new();
    private readonly Task watching;
    private volatile IReadOnlyList<PodObservation>? last;

    public PodWatch(IPodRuntime runtime, DeploymentName deployment) =>
        watching = Task.Run(async () =>
        {
            await foreach (var pods in runtime.Watch(deployment, end.Token))
            {
                last = pods;
                Reports.Enqueue(pods);
            }
        });

    /// <summary>All reports so far, oldest first.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<IReadOnlyList<PodObservation>> Reports { get; } = new();

    /// <summary>Last report; null before the first report.</summary>
    public IReadOnlyList<PodObservation>? Last => last;

    public async Task<PodObservation> WaitUntil(PodSpec pod, Func<PodObservation, bool> seen)
    {
        PodObservation? Now() => last?.FirstOrDefault(other => other.Name == pod.Name);
        await KubernetesHost.WaitUntil(() => Now() is { } now && seen(now), () => $"pod {pod.Name}, whose last state is {Now()}");
        return Now()!;
    }

    public Task<PodObservation> WaitUntil(PodSpec pod, PodPhase phase) => WaitUntil(pod, seen => seen.Phase == phase);

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        end.Dispose();
    }
}

/// <summary>Double of the log grains that records the lines and their progress.</summary>
internal sealed class RecordedLog : IPodLogForwarder, IPodLogCheckpoint
{
    private readonly Lock gate = new();
    private readonly List<(PodName Pod, PodLogLine Line)> lines = [];

    public async Task Forward(
        PodName pod,
        DeploymentName deployment,
        IAsyncEnumerable<PodLogLine> from,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await foreach (var line in from.WithCancellation(cancellationToken))
            {
                lock (gate)
                    lines.Add((pod, line));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested) { }
    }

    public Task<IReadOnlyList<DateTimeOffset>> ReadLastLineTimes(
        PodName pod,
        DeploymentName deployment,
        int maxLines,
        CancellationToken cancellationToken
    )
    {
        lock (gate)
            return Task.FromResult<IReadOnlyList<DateTimeOffset>>([
                .. lines
                    .Where(line => line.Pod == pod && line.Line.Stream is not LogStream.System)
                    .Select(line => line.Line.At)
                    .TakeLast(maxLines),
            ]);
    }

    /// <summary>Returns all lines of a pod, with <c>!</c> in place of each system line.</summary>
    public IReadOnlyList<string> AllLines(PodSpec pod)
    {
        lock (gate)
            return
            [
                .. lines.Where(line => line.Pod == pod.Name).Select(line => line.Line.Stream is LogStream.System ? "!" : line.Line.Text),
            ];
    }

    public IReadOnlyList<string> Lines(PodSpec pod, LogStream stream = LogStream.Stdout)
    {
        lock (gate)
            return [.. lines.Where(line => line.Pod == pod.Name && line.Line.Stream == stream).Select(line => line.Line.Text)];
    }

    public async Task WaitUntil(PodSpec pod, params string[] expected)
    {
        await KubernetesHost.WaitUntil(
            () => Lines(pod).Count >= expected.Length,
            () => $"lines {string.Join('|', expected)}, not {string.Join('|', Lines(pod))}"
        );
        Lines(pod).ShouldBe(expected);
    }
}

/// <summary>Log messages of a host.</summary>
internal sealed class RecordedLogMessages : ILoggerProvider, ILogger
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> said = new();

    public int Count(string part) => said.Count(line => line.Contains(part, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => said.Enqueue(formatter(state, exception));

    public void Dispose() { }
}

/// <summary>Double of the deployment grains with the members that the orphan sweep calls.</summary>
internal sealed class DeploymentsDouble
{
    public DeploymentsDouble()
    {
        Grains = DispatchProxy.Create<IGrainFactory, GrainProxy>();
        ((GrainProxy)(object)Grains).Handler = (_, arguments) => Deployment((string)arguments[0]!);
    }

    public IGrainFactory Grains { get; }

    /// <summary>Views of the existing deployments by name.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, DeploymentView> Views { get; } = new();

    private IDeploymentGrain Deployment(string name)
    {
        var grain = DispatchProxy.Create<IDeploymentGrain, GrainProxy>();
        ((GrainProxy)(object)grain).Handler = (method, _) =>
            method.Name is nameof(IDeploymentGrain.Get) ? Task.FromResult(Views.GetValueOrDefault(name)) : Task.CompletedTask;
        return grain;
    }

    // DispatchProxy creates a subtype of this class.
#pragma warning disable CA1852
    internal class GrainProxy : DispatchProxy
#pragma warning restore CA1852
    {
        public Func<MethodInfo, object?[], object?> Handler { get; set; } = (_, _) => null;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Handler(targetMethod!, args ?? []);
    }
}
