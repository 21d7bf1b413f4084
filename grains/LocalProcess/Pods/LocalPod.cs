using System.Diagnostics.CodeAnalysis;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using DeployCard.LocalProcess.Output;

namespace DeployCard.LocalProcess.Pods;

/// <summary>One pod from its first start to its end: runs its process and restarts it after failures until the pod is stopped.</summary>
internal sealed partial class LocalPod : IDisposable
{
    private readonly PodSpec spec;
    private readonly LocalPodServices tools;
    private readonly Action<PodObservation> report;
    private readonly StopRequest stop;
    private readonly Lock sync = new();
    private PodObservation current;
    private bool isStopping;

    /// <summary>Creates the pod and reports it as starting; <see cref="Run"/> starts its process.</summary>
    public LocalPod(PodSpec spec, LocalPodServices tools, Action<PodObservation> report)
    {
        (this.spec, this.tools, this.report) = (spec, tools, report);
        stop = new(tools.Clock);
        Log = new(tools.Options.MaxBufferedLogLines, tools.Options.MaxBufferedLogBytes, tools.Clock);
        Report(PodTransitions.Create(spec, tools.Clock.GetUtcNow()));
    }

    /// <summary>Log lines of the pod that its reader has not received yet.</summary>
    public LogBuffer Log { get; }

    /// <summary>Runs the pod until it is stopped and returns its final observation.</summary>
    public async Task<PodObservation> Run()
    {
        var end = await RunWithRestarts();
        Log.Complete();
        Report(current.ToEnded(end));
        LogEnded(tools.Logger, spec.Name, spec.Deployment, current.Reason, current.ExitCode);
        return current;
    }

    /// <summary>Requests the end of the pod; its processes are killed after <paramref name="grace"/>.</summary>
    public void Stop(TimeSpan grace)
    {
        lock (sync)
        {
            if (!isStopping)
            {
                isStopping = true;
                report(current.ToDraining());
            }
        }

        stop.RequestStop(grace);
    }

    public void Dispose() => stop.Dispose();

    /// <summary>Returns the result of the last run, or null if the pod was stopped between two runs.</summary>
    private async Task<RunResult?> RunWithRestarts()
    {
        for (var count = FailureStreak.None; ; Report(current.ToRestarting()))
        {
            var end = await RunOnce();
            if (end.Outcome is RunOutcome.Stopped or RunOutcome.Killed)
                return end;

            count = count.AfterRun(end, tools.Options.RestartBackoffResetAfter);
            if (!await WaitForRestart(end, count))
                return null;
        }
    }

    private async Task<RunResult> RunOnce()
    {
        try
        {
            return await new PodRun(spec, tools, Log, stop).RunToEnd(OnReady);
        }
        catch (Exception e)
        {
            // Without this catch the pod would silently stop being supervised. Count the exception as a failed start and retry.
            LogRunFailed(tools.Logger, e, spec.Name, spec.Deployment);
            return RunResult.NotStarted($"The serving script could not be started: {e.Message}");
        }
    }

    private void OnReady(Uri address, PodProtocol protocol)
    {
        Report(current.ToReady(address, protocol, tools.Clock.GetUtcNow()));
        LogReady(tools.Logger, spec.Name, spec.Deployment, address);
    }

    /// <summary>Waits for the next start; returns false if the pod was stopped while waiting.</summary>
    private async Task<bool> WaitForRestart(RunResult end, FailureStreak count)
    {
        var backoff = count.IsRestartImmediate ? TimeSpan.Zero : tools.RestartBackoff.DelayAfter(count.Failures, tools.Random);

        // Start the timer before reporting the failure, so that a test that sees the report can advance the clock.
        var waiting = Task.Delay(backoff, tools.Clock, stop.StopRequested);
        Report(current.ToFailed(end, count, tools.Clock.GetUtcNow() + backoff));
        LogFailed(tools.Logger, spec.Name, spec.Deployment, current.Reason, end.Message, backoff.TotalSeconds);
        Log.Add(LogStream.System, $"The pod restarts in {backoff.TotalSeconds:0.#} s.");
        await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stop.StopRequested.IsCancellationRequested;
    }

    [MemberNotNull(nameof(current))]
    private void Report(PodObservation observation)
    {
        lock (sync)
        {
            current = observation;
            report(isStopping ? current.ToDraining() : current);
        }
    }

    [LoggerMessage(LogLevel.Information, "Pod {Pod} of deployment {Deployment} is ready at {Address}")]
    private static partial void LogReady(ILogger logger, PodName pod, DeploymentName deployment, Uri address);

    [LoggerMessage(
        LogLevel.Warning,
        "Pod {Pod} of deployment {Deployment} failed with reason {Reason} and restarts in {BackoffSeconds:0.0} s: {Message}"
    )]
    private static partial void LogFailed(
        ILogger logger,
        PodName pod,
        DeploymentName deployment,
        string? reason,
        string message,
        double backoffSeconds
    );

    [LoggerMessage(LogLevel.Error, "Running pod {Pod} of deployment {Deployment} failed; it will be restarted")]
    private static partial void LogRunFailed(ILogger logger, Exception error, PodName pod, DeploymentName deployment);

    [LoggerMessage(LogLevel.Information, "Pod {Pod} of deployment {Deployment} ended with reason {Reason} and exit code {ExitCode}")]
    private static partial void LogEnded(ILogger logger, PodName pod, DeploymentName deployment, string? reason, int? exitCode);
}
