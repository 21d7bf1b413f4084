using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.LocalProcess.Images;
using DeployCard.Grains.Runtimes.LocalProcess.Output;
using DeployCard.Grains.Runtimes.LocalProcess.Readiness;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>One run of a pod: a port, a process, ready or not, an end.</summary>
internal sealed class PodRun(PodSpec pod, PodTools tools, LogBuffer log, StopRequest stop)
{
    private readonly PodOutput output = new(tools.Options.MaxLineBytes, log.Add);
    private ProbeAnswer answer = ProbeAnswer.None;

    /// <summary>Runs it to its end. <paramref name="becameReady"/> is told its address and what it speaks there.</summary>
    public async Task<RunEnd> ToEnd(Action<Uri, PodProtocol> becameReady)
    {
        var image = tools.Images.Find(pod.Image);
        if (image?.Manifest is not { } manifest || image.Problem is not null)
            return RunEnd.NotStarted(image?.Problem ?? $"There is no image '{pod.Image}' on this machine.");

        using var port = tools.Ports.Take();
        using var limit = new CancellationTokenSource(pod.StartupTimeout, tools.Clock);
        log.Add(LogStream.System, $"Starting on port {port.Number}: {string.Join(' ', manifest.Command)}");
        using var process = PodProcess.Start(Command(image, manifest, port.Number), output);
        using var measured = tools.Sessions.Add(pod.Name, process.Session);
        return await Follow(process, port, new(new(port.Address, manifest.ReadinessPath), manifest.Protocol), becameReady, limit.Token);
    }

    private PodCommand Command(LocalImage image, ImageManifest manifest, int port) =>
        new(manifest.Command, image.Folder, image.Environment(tools.Options).With(pod, port));

    private async Task<RunEnd> Follow(
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
            await process.Exited.WaitAsync(stop.Asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return stop.Asked.IsCancellationRequested
            ? await Stop(process)
            : await End(process, port.Number, owner, tools.Clock.GetElapsedTime(started), readiness.Url);
    }

    /// <summary>The pod when it is ready, a stranger who has its port, or neither: it ended, its time is over, or it is to stop.</summary>
    private async Task<PortOwner> WaitUntilReady(PodProcess process, int port, ProbeTarget readiness, CancellationToken limit)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(limit, stop.Asked, process.Ended);
        var asking = TimeProvider.System.GetTimestamp();
        try
        {
            while (true)
            {
                answer = await tools.Probe.Ask(readiness, over.Token);
                var owner = answer.IsReady ? PortOwnership.Of(port, process.Session) : PortOwner.Unclear;
                if (owner != PortOwner.Unclear)
                    return owner;

                // A process does not wait for a fake clock, so this goes by the real one.
                var pause = ReadinessPause.After(TimeProvider.System.GetElapsedTime(asking), answer.IsHeard);
                await Task.Delay(pause, TimeProvider.System, over.Token);
            }
        }
        catch (OperationCanceledException)
        {
            return PortOwner.Unclear;
        }
    }

    private async Task<RunEnd> Stop(PodProcess process)
    {
        var obeyed = await process.Terminate(stop.GraceOver);
        var exitCode = await process.Finish();
        var outcome = obeyed ? RunOutcome.Stopped : RunOutcome.Killed;
        var message = obeyed
            ? $"It was stopped and ended with {RunEnd.Describe(exitCode)}."
            : "It was stopped, did not end within its grace and was killed.";
        log.Add(LogStream.System, message);
        return new(outcome, message, exitCode, output.LastLines, TimeSpan.Zero);
    }

    private async Task<RunEnd> End(PodProcess process, int port, PortOwner owner, TimeSpan sinceThen, Uri readiness)
    {
        var byItself = process.Ended.IsCancellationRequested;
        var exitCode = await process.Finish();
        var (outcome, message) = Judge(byItself, exitCode, owner, owner != PortOwner.Pod && FreePorts.IsTaken(port), sinceThen, readiness);
        log.Add(LogStream.System, message);
        return new(outcome, message, exitCode, output.LastLines, owner == PortOwner.Pod ? sinceThen : TimeSpan.Zero);
    }

    private (RunOutcome Outcome, string Message) Judge(
        bool byItself,
        int exitCode,
        PortOwner owner,
        bool portIsTaken,
        TimeSpan sinceThen,
        Uri readiness
    ) =>
        (owner, byItself) switch
        {
            (PortOwner.Pod, _) => (
                RunOutcome.Exited,
                $"It ended with {RunEnd.Describe(exitCode)}, {Seconds(sinceThen)} after it was ready."
            ),
            (PortOwner.Stranger, _) or (_, true) when portIsTaken => (
                RunOutcome.PortTaken,
                $"Another process has taken its port {readiness.Port}; it gets a new one."
            ),
            (_, true) => (
                RunOutcome.Exited,
                $"It ended with {RunEnd.Describe(exitCode)}, {Seconds(sinceThen)} after its start, before it was ready."
            ),
            _ => (
                RunOutcome.StartupTimeout,
                $"It was not ready within {Seconds(pod.StartupTimeout)} and was killed: GET {readiness} {answer.Said}."
            ),
        };

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.#} s";
}
