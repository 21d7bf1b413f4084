using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using DeployCard.LocalProcess.Images;
using DeployCard.LocalProcess.Output;
using DeployCard.LocalProcess.Processes;
using DeployCard.LocalProcess.Readiness;

namespace DeployCard.LocalProcess.Pods;

/// <summary>One run of a pod: reserves a port, starts the process, waits until it is ready and supervises it until it ends.</summary>
internal sealed class PodRun(PodSpec pod, LocalPodServices tools, LogBuffer log, StopRequest stop)
{
    private readonly PodOutput output = new(tools.Options.MaxLineBytes, log.Add);
    private ProbeResult lastProbe = ProbeResult.NotListening;

    /// <summary>
    /// Runs the pod until its process has ended. Calls <paramref name="onReady"/> with its address and protocol when it is ready.
    /// </summary>
    public async Task<RunResult> RunToEnd(Action<Uri, PodProtocol> onReady)
    {
        var image = tools.Images.Find(pod.Image);
        if (image?.Manifest is not { } manifest || image.Problem is not null)
            return RunResult.NotStarted(image?.Problem ?? $"Image '{pod.Image}' does not exist on this machine.");

        using var port = tools.Ports.Reserve();
        using var limit = new CancellationTokenSource(pod.StartupTimeout, tools.Clock);
        log.Add(LogStream.System, $"Starting on port {port.Number}: {string.Join(' ', manifest.Command)}");
        using var process = PodProcess.Start(Command(image, manifest, port.Number), output);
        using var measured = tools.Sessions.Add(pod.Name, process.Session);
        return await Supervise(process, port, new(new(port.Address, manifest.ReadinessPath), manifest.Protocol), onReady, limit.Token);
    }

    private PodCommand Command(LocalImage image, ImageManifest manifest, int port) =>
        new(manifest.Command, image.Folder, image.CreateEnvironment(tools.Options).AddPodVariables(pod, port));

    private async Task<RunResult> Supervise(
        PodProcess process,
        FreePorts.Lease port,
        ProbeTarget readiness,
        Action<Uri, PodProtocol> becameReady,
        CancellationToken limit
    )
    {
        var started = tools.Clock.GetTimestamp();
        var owner = await WaitUntilReady(process, port.Number, readiness, limit);
        if (owner == PortOwner.Pod)
        {
            becameReady(port.Address, readiness.Protocol);
            started = tools.Clock.GetTimestamp();
            await process.Exited.WaitAsync(stop.StopRequested).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return stop.StopRequested.IsCancellationRequested
            ? await Stop(process)
            : await HandleEnd(process, port.Number, owner, tools.Clock.GetElapsedTime(started), readiness.Url);
    }

    /// <summary>
    /// Probes the pod and returns the owner of its port: the pod, which is then ready, or another process. Returns
    /// <see cref="PortOwner.Unknown"/> if the process exited, the startup timeout elapsed or the pod was stopped first.
    /// </summary>
    private async Task<PortOwner> WaitUntilReady(PodProcess process, int port, ProbeTarget readiness, CancellationToken limit)
    {
        using var stopWaiting = CancellationTokenSource.CreateLinkedTokenSource(limit, stop.StopRequested, process.ExitToken);
        var firstProbe = TimeProvider.System.GetTimestamp();
        try
        {
            while (true)
            {
                lastProbe = await tools.Probe.Check(readiness, stopWaiting.Token);
                var owner = lastProbe.IsReady ? PortOwnership.FindOwner(port, process.Session) : PortOwner.Unknown;
                if (owner != PortOwner.Unknown)
                    return owner;

                // A real process does not follow the fake clock of a test, so the probe interval uses the system clock.
                var pause = ProbeDelays.DelayAfter(TimeProvider.System.GetElapsedTime(firstProbe), lastProbe.IsListening);
                await Task.Delay(pause, TimeProvider.System, stopWaiting.Token);
            }
        }
        catch (OperationCanceledException)
        {
            return PortOwner.Unknown;
        }
    }

    private async Task<RunResult> Stop(PodProcess process)
    {
        var endedInTime = await process.Terminate(stop.GraceExpired);
        var exitCode = await process.KillRemaining();
        var outcome = endedInTime ? RunOutcome.Stopped : RunOutcome.Killed;
        var message = endedInTime
            ? $"The pod was stopped and ended with {RunResult.Describe(exitCode)}."
            : "The pod was stopped, did not end within its grace period and was killed.";
        log.Add(LogStream.System, message);
        return new(outcome, message, exitCode, output.LastLines, TimeSpan.Zero);
    }

    private async Task<RunResult> HandleEnd(PodProcess process, int port, PortOwner owner, TimeSpan elapsed, Uri readiness)
    {
        var hasExited = process.ExitToken.IsCancellationRequested;
        var exitCode = await process.KillRemaining();
        var (outcome, message) = Classify(
            hasExited,
            exitCode,
            owner,
            owner != PortOwner.Pod && FreePorts.IsInUse(port),
            elapsed,
            readiness
        );
        log.Add(LogStream.System, message);
        return new(outcome, message, exitCode, output.LastLines, owner == PortOwner.Pod ? elapsed : TimeSpan.Zero);
    }

    private (RunOutcome Outcome, string Message) Classify(
        bool hasExited,
        int exitCode,
        PortOwner owner,
        bool isPortInUse,
        TimeSpan elapsed,
        Uri readiness
    ) =>
        (owner, hasExited) switch
        {
            (PortOwner.Pod, _) => (
                RunOutcome.Exited,
                $"The pod ended with {RunResult.Describe(exitCode)}, {Seconds(elapsed)} after it became ready."
            ),
            (PortOwner.OtherProcess, _) or (_, true) when isPortInUse => (
                RunOutcome.PortTaken,
                $"Another process took port {readiness.Port}; the pod restarts with a different port."
            ),
            (_, true) => (
                RunOutcome.Exited,
                $"The pod ended with {RunResult.Describe(exitCode)}, {Seconds(elapsed)} after its start, before it became ready."
            ),
            _ => (
                RunOutcome.StartupTimeout,
                $"The pod did not become ready within {Seconds(pod.StartupTimeout)} and was killed: "
                    + $"GET {readiness} {lastProbe.Description}."
            ),
        };

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.#} s";
}
