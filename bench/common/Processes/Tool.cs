using System.Diagnostics;

namespace DeployCard.Bench.Common.Processes;

/// <summary>Command-line programs that run to completion.</summary>
internal static class Tool
{
    /// <summary>
    /// Runs a program and returns its standard output. Throws if its exit code is not 0. Cancellation kills the program.
    /// </summary>
    public static async Task<string> Run(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? output
                : throw new InvalidOperationException($"{program} exited with code {process.ExitCode}: {output}{await errors}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>Returns the full path of a program; null if it is not installed.</summary>
    public static string? Find(string program) =>
        // Servers such as nginx are often only on the PATH of root.
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/local/sbin"
            .Split(':')
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
}
