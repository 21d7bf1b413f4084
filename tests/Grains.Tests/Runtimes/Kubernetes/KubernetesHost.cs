using System.Reflection;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;
using DeployCard.Grains.Runtimes.Kubernetes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>The runtime as a silo registers it, over an API server. Several of them are several silos.</summary>
internal sealed class KubernetesHost : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(TestCluster.IsGenuine ? 180 : 30);
    public static readonly DeploymentName Iris = DeploymentName.Parse("iris");

    private readonly IHost host;

    private KubernetesHost(
        string kubeConfig,
        KeptLog log,
        DeploymentsDouble deployments,
        TimeProvider time,
        Action<KubernetesOptions>? configure
    )
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder
            .Services.AddLogging(logging => logging.AddProvider(Said))
            .AddSingleton<IPodLogPump>(log)
            .AddSingleton<IPodLogProgress>(log)
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

    /// <summary>What was carried to the log; silos share it.</summary>
    public KeptLog Log { get; }

    public DeploymentsDouble Deployments { get; }

    public SaidLines Said { get; } = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<KubernetesHost> Start(
        string kubeConfig,
        Action<KubernetesOptions>? configure = null,
        KeptLog? log = null,
        DeploymentsDouble? deployments = null,
        TimeProvider? time = null
    )
    {
        var silo = new KubernetesHost(kubeConfig, log ?? new(), deployments ?? new(), time ?? TimeProvider.System, configure);
        await silo.host.StartAsync(Token);
        return silo;
    }

    public static PodSpec Pod(
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

    public async Task<PodSpec> Started(PodSpec? pod = null)
    {
        pod ??= Pod();
        await Runtime.Start(pod, Token);
        return pod;
    }

    public Task<PodObservation?> Stop(PodSpec pod, double seconds = 20) => Runtime.Stop(pod.Name, TimeSpan.FromSeconds(seconds), Token);

    /// <summary>A deployment's watch that goes on, as its grain's does.</summary>
    public Watching Watch(DeploymentName? deployment = null) => new(Runtime, deployment ?? Iris);

    public async ValueTask DisposeAsync()
    {
        using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await host.StopAsync(hurry.Token);
        host.Dispose();
    }

    public static Task Until(Func<bool> met, string what) => Until(met, () => what);

    /// <summary>Waits for something; what it was is asked for when it did not come.</summary>
    public static async Task Until(Func<bool> met, Func<string> what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!met())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
                throw new TimeoutException($"It was waited in vain for this: {what()}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Token);
        }
    }
}

/// <summary>A watch, and the last that it saw.</summary>
internal sealed class Watching : IAsyncDisposable
{
    private readonly CancellationTokenSource end = new();
    private readonly Task watching;
    private volatile IReadOnlyList<PodObservation>? last;

    public Watching(IPodRuntime runtime, DeploymentName deployment) =>
        watching = Task.Run(async () =>
        {
            await foreach (var pods in runtime.Watch(deployment, end.Token))
            {
                last = pods;
                Seen.Enqueue(pods);
            }
        });

    /// <summary>All that it saw.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<IReadOnlyList<PodObservation>> Seen { get; } = new();

    /// <summary>Null before the first report.</summary>
    public IReadOnlyList<PodObservation>? Last => last;

    public async Task<PodObservation> Until(PodSpec pod, Func<PodObservation, bool> seen)
    {
        PodObservation? Now() => last?.FirstOrDefault(other => other.Name == pod.Name);
        await KubernetesHost.Until(() => Now() is { } now && seen(now), () => $"pod {pod.Name}, of which the last is {Now()}");
        return Now()!;
    }

    public Task<PodObservation> Until(PodSpec pod, PodPhase phase) => Until(pod, seen => seen.Phase == phase);

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        end.Dispose();
    }
}

/// <summary>A double of the way to logs, which are grains: it keeps what comes, and knows how far it has come.</summary>
internal sealed class KeptLog : IPodLogPump, IPodLogProgress
{
    private readonly Lock gate = new();
    private readonly List<(PodName Pod, PodLogLine Line)> lines = [];

    public async Task Carry(PodName pod, DeploymentName deployment, IAsyncEnumerable<PodLogLine> from, CancellationToken cancellationToken)
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

    public Task<IReadOnlyList<DateTimeOffset>> Of(PodName pod, DeploymentName deployment, int most, CancellationToken cancellationToken)
    {
        lock (gate)
            return Task.FromResult<IReadOnlyList<DateTimeOffset>>([
                .. lines
                    .Where(line => line.Pod == pod && line.Line.Stream is not LogStream.System)
                    .Select(line => line.Line.At)
                    .TakeLast(most),
            ]);
    }

    /// <summary>All that its log has, with <c>!</c> where the runtime speaks itself.</summary>
    public IReadOnlyList<string> All(PodSpec pod)
    {
        lock (gate)
            return
            [
                .. lines.Where(line => line.Pod == pod.Name).Select(line => line.Line.Stream is LogStream.System ? "!" : line.Line.Text),
            ];
    }

    public IReadOnlyList<string> Of(PodSpec pod, LogStream stream = LogStream.Stdout)
    {
        lock (gate)
            return [.. lines.Where(line => line.Pod == pod.Name && line.Line.Stream == stream).Select(line => line.Line.Text)];
    }

    public async Task Until(PodSpec pod, params string[] expected)
    {
        await KubernetesHost.Until(
            () => Of(pod).Count >= expected.Length,
            () => $"lines {string.Join('|', expected)}, not {string.Join('|', Of(pod))}"
        );
        Of(pod).ShouldBe(expected);
    }
}

/// <summary>What was said in the log of the silo.</summary>
internal sealed class SaidLines : ILoggerProvider, ILogger
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

/// <summary>A double of deployments, of which the sweep asks only whether they want pods.</summary>
internal sealed class DeploymentsDouble
{
    public DeploymentsDouble()
    {
        Grains = DispatchProxy.Create<IGrainFactory, Calls>();
        ((Calls)(object)Grains).Answer = (_, arguments) => Deployment((string)arguments[0]!);
    }

    public IGrainFactory Grains { get; }

    /// <summary>What deployments say of themselves, by their names; others do not exist.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, DeploymentView> Views { get; } = new();

    private IDeploymentGrain Deployment(string name)
    {
        var grain = DispatchProxy.Create<IDeploymentGrain, Calls>();
        ((Calls)(object)grain).Answer = (method, _) =>
            method.Name is nameof(IDeploymentGrain.Get) ? Task.FromResult(Views.GetValueOrDefault(name)) : Task.CompletedTask;
        return grain;
    }

    // A proxy is made as a subtype of this.
#pragma warning disable CA1852
    internal class Calls : DispatchProxy
#pragma warning restore CA1852
    {
        public Func<MethodInfo, object?[], object?> Answer { get; set; } = (_, _) => null;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Answer(targetMethod!, args ?? []);
    }
}
