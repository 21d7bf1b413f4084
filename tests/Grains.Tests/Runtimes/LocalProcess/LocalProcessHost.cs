using System.Collections.Concurrent;
using System.Text.Json;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using DeployCard.LocalProcess.Hosting;
using DeployCard.LocalProcess.Pods;
using DeployCard.LocalProcess.Settings;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

/// <summary>The local process runtime, registered as in the silo, with a temporary images folder.</summary>
internal sealed class LocalProcessHost : IAsyncDisposable
{
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);
    private static readonly DeploymentName Deployment = DeploymentName.Parse("iris");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("deploycard-");
    private readonly CapturedLogs logs = new();
    private readonly ServiceProvider services;

    public LocalProcessHost(Action<LocalProcessOptions>? configure = null, TimeProvider? clock = null)
    {
        services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(clock ?? TimeProvider.System)
            .AddSingleton<IPodLogForwarder>(logs)
            .AddLocalProcessRuntime()
            .Configure<LocalProcessOptions>(options => options.ImagesFolders.Add(folder.FullName))
            .Configure(configure ?? (_ => { }))
            .BuildServiceProvider();
    }

    public IPodRuntime Runtime => services.GetRequiredService<IPodRuntime>();

    public IImageCatalog Catalog => services.GetRequiredService<IImageCatalog>();

    public ILocalPods Pods => services.GetRequiredService<ILocalPods>();

    public T Service<T>()
        where T : notnull => services.GetRequiredService<T>();

    public string Folder(string image) => folder.CreateSubdirectory(image).FullName;

    /// <summary>Writes an image whose command runs <paramref name="script"/> in a shell.</summary>
    public LocalProcessHost Script(string image, string script, object? more = null)
    {
        File.WriteAllText(Path.Combine(Folder(image), "serve.sh"), script);
        return Manifest(image, JsonSerializer.Serialize(more ?? new { command = new[] { "/bin/sh", "serve.sh" } }));
    }

    /// <summary>
    /// Writes an image with a small web server, which responds with 503 to its first <paramref name="notReady"/> requests.
    /// </summary>
    public LocalProcessHost Server(string image, string before = "", int notReady = 0, string readinessPath = "/healthz")
    {
        Assert.SkipUnless(Python.IsAvailable, "python3 is not on the PATH, and this test's web server needs it.");
        File.WriteAllText(Path.Combine(Folder(image), "serve.py"), Python.Server(notReady, readinessPath));
        return Script(image, $"{before}\nexec python3 -S -E serve.py\n", new { command = new[] { "/bin/sh", "serve.sh" }, readinessPath });
    }

    public LocalProcessHost Manifest(string image, string json)
    {
        File.WriteAllText(Path.Combine(Folder(image), "image.json"), json);
        return this;
    }

    public string PathOf(string image, string file) => Path.Combine(Folder(image), file);

    public static PodSpec Pod(
        string image,
        string name = "iris-1-aaaaa",
        Action<Dictionary<string, string>>? environment = null,
        double startupSeconds = 60
    )
    {
        var variables = new Dictionary<string, string>();
        environment?.Invoke(variables);
        return new()
        {
            Name = new(name),
            Deployment = Deployment,
            Revision = 1,
            Image = image,
            Environment = variables,
            StartupTimeout = TimeSpan.FromSeconds(startupSeconds),
        };
    }

    public async Task<PodSpec> Start(PodSpec pod)
    {
        await Runtime.Start(pod, TestContext.Current.CancellationToken);
        return pod;
    }

    public Task<PodObservation?> Stop(PodSpec pod, double graceSeconds = 20) =>
        Runtime.Stop(pod.Name, TimeSpan.FromSeconds(graceSeconds), TestContext.Current.CancellationToken);

    /// <summary>Waits until the observation of a pod satisfies <paramref name="seen"/>.</summary>
    public async Task<PodObservation> Until(PodSpec pod, Func<PodObservation, bool> seen)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(WaitTimeout);
        PodObservation? last = null;
        try
        {
            await foreach (var pods in Runtime.Watch(pod.Deployment, deadline.Token))
            {
                last = pods.FirstOrDefault(candidate => candidate.Name == pod.Name) ?? last;
                if (last is not null && seen(last))
                    return last;
            }
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested) { }

        throw new TimeoutException(
            $"The pod did not reach the expected state; its last observation was {last}: {last?.Message} "
                + string.Join('|', last?.LastLines ?? [])
        );
    }

    public Task<PodObservation> UntilReady(PodSpec pod) => Until(pod, seen => seen.Phase == PodPhase.Ready);

    public Task<PodObservation> UntilFailed(PodSpec pod) => Until(pod, seen => seen.Phase == PodPhase.Failed);

    /// <summary>Streams the log lines of a pod.</summary>
    public async IAsyncEnumerable<PodLogLine> Lines(PodSpec pod)
    {
        await foreach (var line in await logs.Of(pod.Name))
            yield return line;
    }

    /// <summary>Returns all log lines of a pod, from its start to its end.</summary>
    public async Task<List<PodLogLine>> Log(PodSpec pod)
    {
        var lines = new List<PodLogLine>();
        await foreach (var line in Lines(pod))
            lines.Add(line);

        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        await Pods.StopAll(TimeSpan.Zero, CancellationToken.None);
        await services.DisposeAsync();
        folder.Delete(recursive: true);
    }

    /// <summary>Test double for the log forwarder, because logs are grains: the test reads the lines itself.</summary>
    private sealed class CapturedLogs : IPodLogForwarder
    {
        private readonly ConcurrentDictionary<PodName, TaskCompletionSource<IAsyncEnumerable<PodLogLine>>> captured = new();

        public Task<IAsyncEnumerable<PodLogLine>> Of(PodName pod) => GetSource(pod).Task;

        public Task Forward(PodName pod, DeploymentName deployment, IAsyncEnumerable<PodLogLine> lines, CancellationToken cancellationToken)
        {
            GetSource(pod).SetResult(lines);
            return Task.CompletedTask;
        }

        private TaskCompletionSource<IAsyncEnumerable<PodLogLine>> GetSource(PodName pod) => captured.GetOrAdd(pod, _ => new());
    }
}
