using System.Diagnostics;
using DeployCard.Grains.Runtimes.LocalProcess.Output;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>One process of the operating system with all that it starts: a session, a process group.</summary>
internal sealed class PodProcess : IDisposable
{
    // What is still in the pipes once nobody can write to them any more is read in no time. Only a process that left the group can hold them longer.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(1);

    private readonly Process process;
    private readonly CancellationTokenSource ended = new();
    private readonly CancellationTokenSource reading = new();

    private PodProcess(Process process, PodOutput output)
    {
        this.process = process;
        Exited = UntilExit();
        OutputEnded = Task.WhenAll(
            Task.Run(() => output.ReadOut(process.StandardOutput.BaseStream, reading.Token)),
            Task.Run(() => output.ReadErr(process.StandardError.BaseStream, reading.Token))
        );
    }

    /// <summary>The number of its session and its group, which is that of its first process.</summary>
    public int Session => process.Id;

    /// <summary>The command has ended; others of its group may go on.</summary>
    public Task Exited { get; }

    /// <summary>The same, to be linked with other reasons to wait no longer.</summary>
    public CancellationToken Ended => ended.Token;

    /// <summary>Nobody can write to its output any more.</summary>
    public Task OutputEnded { get; }

    /// <exception cref="System.ComponentModel.Win32Exception">The system would not start it.</exception>
    public static PodProcess Start(PodCommand command, PodOutput output) => new(Process.Start(command.ToStartInfo())!, output);

    /// <summary>Signals the whole group.</summary>
    public void Signal(ProcessSignal signal)
    {
        if (ProcessSignals.SendToGroup(Session, signal))
            return;

        // In its very first moment it has no group of its own yet.
        if (!process.HasExited)
            ProcessSignals.Send(Session, signal);
    }

    /// <summary>Asks all of the group to end and waits for it, as long as <paramref name="graceOver"/> allows; false when that was not enough.</summary>
    public async Task<bool> Terminate(CancellationToken graceOver)
    {
        Signal(ProcessSignal.Terminate);
        try
        {
            // Not the command alone: when it is a shell it ends at once, and its child may still be finishing requests.
            await Task.WhenAll(Exited, OutputEnded).WaitAsync(graceOver);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Kills what there still is of the group, reads the rest of the output and gives the exit code.</summary>
    public async Task<int> Finish()
    {
        Signal(ProcessSignal.Kill);
        await Exited;
        await Task.WhenAny(OutputEnded, Task.Delay(DrainLimit, TimeProvider.System, reading.Token));
        await reading.CancelAsync();
        await OutputEnded;
        return process.ExitCode;
    }

    public void Dispose()
    {
        process.StandardInput.Dispose();
        process.StandardOutput.Dispose();
        process.StandardError.Dispose();
        process.Dispose();
        reading.Dispose();
        ended.Dispose();
    }

    private async Task UntilExit()
    {
        await process.WaitForExitAsync();
        await ended.CancelAsync();
    }
}
