using System.Diagnostics;
using System.Security.Cryptography;

namespace DeployCard.Tests.Support;

/// <summary>
/// Installs the npm packages of Node.js scripts into the output folder of the tests, never into the source tree. <c>npm ci</c> runs once,
/// and again after the lock file has changed.
/// </summary>
public static class NodePackages
{
    /// <summary>Installs the packages if necessary and returns the folder with the scripts and packages.</summary>
    /// <param name="name">Name of the folder below the output folder of the tests.</param>
    public static async Task<string> Install(string name)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, name);
        var hash = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(folder, "package-lock.json"))));
        var stamp = Path.Combine(folder, "node_modules", ".installed");
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == hash)
            return folder;
        var (code, output) = await Npm(folder);
        if (code != 0)
            throw new InvalidOperationException(
                $"'npm ci' in {name} failed with exit code {code}; check that the npm registry is reachable\n{output}"
            );
        await File.WriteAllTextAsync(stamp, hash);
        return folder;
    }

    /// <summary>Starts a program of Node.js with redirected standard streams.</summary>
    public static Process Start(string program, string folder, params string[] arguments)
    {
        try
        {
            return Process.Start(
                new ProcessStartInfo(program, arguments)
                {
                    WorkingDirectory = folder,
                    UseShellExecute = false,
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            )!;
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new InvalidOperationException(
                $"Tests with npm packages need Node.js 20 or later and npm: '{program}' was not found. "
                    + "Install them (Debian: apt-get install nodejs npm).",
                failure
            );
        }
    }

    private static async Task<(int Code, string Output)> Npm(string folder)
    {
        using var npm = Start("npm", folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        var output = await Task.WhenAll(npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
        await npm.WaitForExitAsync();
        return (npm.ExitCode, string.Concat(output));
    }
}
