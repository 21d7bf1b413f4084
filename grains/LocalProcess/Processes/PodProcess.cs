using System.Diagnostics;
using DeployCard.LocalProcess.Output;

namespace DeployCard.LocalProcess.Processes;

/// <summary>A process of the operating system and its descendants, which form one session and one process group.</summary>
internal sealed class PodProcess : IDisposable
{
    // After the group has been killed, the rest of the output is read within milliseconds. Only a process that left the group can keep the
    // pipes open longer.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(1);

    private readonly Process process;
    private readonly CancellationTokenSource ended = new();
    private readonly CancellationTokenSource reading = new();

    private PodProcess(Process process, PodOutput output)
    {
        this.process = process;
        Exited = WaitForExit();
        OutputClosed = Task.WhenAll(
            Task.Run(() => output.ReadStdout(process.StandardOutput.BaseStream, reading.Token)),
            Task.Run(() => output.ReadStderr(process.StandardError.BaseStream, reading.Token))
        );
    }

    /// <summary>The id of the session and of the process group, which is the id of the first process.</summary>
    public int Session => process.Id;

    /// <summary>Completes when the command has exited; other processes of its group may still run.</summary>
    public Task Exited { get; }

    /// <summary>Canceled when the command has exited, to be linked with other reasons to stop waiting.</summary>
    public CancellationToken ExitToken => ended.Token;

    /// <summary>Completes when both output pipes are closed, because no process holds their writing ends.</summary>
    public Task OutputClosed { get; }

    /// <exception cref="System.ComponentModel.Win32Exception">The operating system could not start the program.</exception>
    public static PodProcess Start(PodCommand command, PodOutput output) => new(Process.Start(command.ToStartInfo())!, output);

    /// <summary>Sends a signal to all processes of the group.</summary>
    public void SendSignal(ProcessSignal signal)
    {
        if (ProcessSignals.SendToGroup(Session, signal))
            return;

        // A process that was just started has not created its own group yet.
        if (!process.HasExited)
            ProcessSignals.Send(Session, signal);
    }

    /// <summary>
    /// Sends SIGTERM to the group and waits for its end. Returns false if <paramref name="graceExpired"/> is canceled before the group has
    /// ended.
    /// </summary>
    public async Task<bool> Terminate(CancellationToken graceExpired)
    {
        SendSignal(ProcessSignal.Terminate);
        try
        {
            // Waiting for the command is not enough: if it is a shell, it exits immediately while its child may still finish requests.
            await Task.WhenAll(Exited, OutputClosed).WaitAsync(graceExpired);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>
    /// Kills the remaining processes of the group, reads the rest of the output and returns the exit code of the command.
    /// </summary>
    public async Task<int> KillRemaining()
    {
        SendSignal(ProcessSignal.Kill);
        await Exited;
        await Task.WhenAny(OutputClosed, Task.Delay(DrainLimit, TimeProvider.System, reading.Token));
        await reading.CancelAsync();
        await OutputClosed;
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

    private async Task WaitForExit()
    {
        await process.WaitForExitAsync();
        await ended.CancelAsync();
    }
}
