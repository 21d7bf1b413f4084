using System.Diagnostics;
using System.Security.Cryptography;

namespace DeployCard.GraphQL.Tests.Clients;

/// <summary>
/// The scripts of this folder beside the packages that they use, outside of the source tree: <c>npm ci</c> runs once, and again when the lock
/// file has changed.
/// </summary>
internal static class ClientPackages
{
    private static readonly Lazy<Task<string>> Ready = new(() => Task.Run(InstallAsync));

    /// <summary>The folder with scripts and packages.</summary>
    public static Task<string> FolderAsync() => Ready.Value;

    private static async Task<string> InstallAsync()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Clients");
        var wanted = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(folder, "package-lock.json"))));
        var stamp = Path.Combine(folder, "node_modules", ".installed");
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == wanted) return folder;
        var (code, output) = await NpmAsync(folder);
        if (code != 0) throw new InvalidOperationException($"'npm ci' of tests/GraphQL.Tests/Clients failed with {code}: is the npm registry in reach?\n{output}");
        await File.WriteAllTextAsync(stamp, wanted);
        return folder;
    }

    private static async Task<(int Code, string Output)> NpmAsync(string folder)
    {
        using var npm = Start("npm", folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        var output = await Task.WhenAll(npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
        await npm.WaitForExitAsync();
        return (npm.ExitCode, string.Concat(output));
    }

    /// <summary>Starts a program of Node.js.</summary>
    public static Process Start(string program, string folder, params string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new InvalidOperationException($"The tests with the clients of npm need Node.js 20 or later and npm: '{program}' was not found. Install them (Debian: apt-get install nodejs npm).", failure);
        }
    }
}
