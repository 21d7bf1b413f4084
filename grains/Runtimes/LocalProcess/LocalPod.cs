using System.Diagnostics.CodeAnalysis;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.LocalProcess.Output;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>One pod from its start to its end: it runs, fails, waits and runs again until somebody stops it.</summary>
internal sealed partial class LocalPod : IDisposable
{
    private readonly PodSpec spec;
    private readonly PodTools tools;
    private readonly Action<PodObservation> report;
    private readonly StopRequest stop;
    private readonly Lock sync = new();
    private PodObservation now;
    private bool isEnding;

    /// <summary>Reports it as starting; <see cref="Live"/> does the rest.</summary>
    public LocalPod(PodSpec spec, PodTools tools, Action<PodObservation> report)
    {
        (this.spec, this.tools, this.report) = (spec, tools, report);
        stop = new(tools.Clock);
        Log = new(tools.Options.MaxBufferedLogLines, tools.Options.MaxBufferedLogBytes, tools.Clock);
        Report(PodLife.Begin(spec, tools.Clock.GetUtcNow()));
    }

    /// <summary>What it writes.</summary>
    public LogBuffer Log { get; }

    /// <summary>Lives to its end and returns the last that is to be said of it.</summary>
    public async Task<PodObservation> Live()
    {
        var end = await RunAgainAndAgain();
        Log.End();
        Report(now.Gone(end));
        LogGone(tools.Logger, spec.Name, spec.Deployment, now.Reason, now.ExitCode);
        return now;
    }

    /// <summary>Asks it to end; it has that long to obey.</summary>
    public void Stop(TimeSpan grace)
    {
        lock (sync)
        {
            if (!isEnding)
            {
                isEnding = true;
                report(now.Ending());
            }
        }

        stop.Ask(grace);
    }

    public void Dispose() => stop.Dispose();

    /// <summary>The end of its last run, or null when it was stopped between two.</summary>
    private async Task<RunEnd?> RunAgainAndAgain()
    {
        for (var count = RestartCount.None; ; Report(now.StartingAgain()))
        {
            var end = await RunOnce();
            if (end.Outcome is RunOutcome.Stopped or RunOutcome.Killed)
                return end;

            count = count.After(end, tools.Options.RestartBackoffResetAfter);
            if (!await Pause(end, count))
                return null;
        }
    }

    private async Task<RunEnd> RunOnce()
    {
        try
        {
            return await new PodRun(spec, tools, Log, stop).ToEnd(BecameReady);
        }
        catch (Exception e)
        {
            // A pod that nobody runs any more, and nobody knows of, would be the worst: it counts as one more failed start.
            LogBroken(tools.Logger, e, spec.Name, spec.Deployment);
            return RunEnd.NotStarted($"The serving script could not be started: {e.Message}");
        }
    }

    private void BecameReady(Uri address, PodProtocol protocol)
    {
        Report(now.Ready(address, protocol, tools.Clock.GetUtcNow()));
        LogReady(tools.Logger, spec.Name, spec.Deployment, address);
    }

    /// <summary>Waits for the next start; false when it is to stop instead.</summary>
    private async Task<bool> Pause(RunEnd end, RestartCount count)
    {
        var options = tools.Options;
        var pause = count.IsImmediate
            ? TimeSpan.Zero
            : RestartPause.After(count.Failures, tools.Random.NextDouble(), options.InitialRestartBackoff, options.MaxRestartBackoff);

        // Before it is told: who sees the pause can rely on its end.
        var waiting = Task.Delay(pause, tools.Clock, stop.Asked);
        Report(now.Failed(end, count, tools.Clock.GetUtcNow() + pause));
        LogFailed(tools.Logger, spec.Name, spec.Deployment, now.Reason, end.Message, pause.TotalSeconds);
        Log.Add(LogStream.System, $"It starts again in {pause.TotalSeconds:0.#} s.");
        await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stop.Asked.IsCancellationRequested;
    }

    [MemberNotNull(nameof(now))]
    private void Report(PodObservation observation)
    {
        lock (sync)
        {
            now = observation;
            report(isEnding ? now.Ending() : now);
        }
    }

    [LoggerMessage(LogLevel.Information, "Pod {Pod} of {Deployment} is ready at {Address}.")]
    private static partial void LogReady(ILogger logger, PodName pod, DeploymentName deployment, Uri address);

    [LoggerMessage(LogLevel.Warning, "Pod {Pod} of {Deployment} failed ({Reason}): {Message} It starts again in {Pause:0.0} s.")]
    private static partial void LogFailed(
        ILogger logger,
        PodName pod,
        DeploymentName deployment,
        string? reason,
        string message,
        double pause
    );

    [LoggerMessage(LogLevel.Error, "Pod {Pod} of {Deployment} could not be run.")]
    private static partial void LogBroken(ILogger logger, Exception error, PodName pod, DeploymentName deployment);

    [LoggerMessage(LogLevel.Information, "Pod {Pod} of {Deployment} is gone ({Reason}), exit code {ExitCode}.")]
    private static partial void LogGone(ILogger logger, PodName pod, DeploymentName deployment, string? reason, int? exitCode);
}
