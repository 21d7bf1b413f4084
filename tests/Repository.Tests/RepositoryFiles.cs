using System.Diagnostics;
using DeployCard.Tests.Support;

namespace DeployCard.Repository.Tests;

/// <summary>The files that belong to the repository, by their paths relative to its root.</summary>
internal static class RepositoryFiles
{
    private static readonly Lazy<IReadOnlyList<string>> Tracked = new(List);

    /// <summary>Files with one of the endings, in the order of their paths.</summary>
    /// <param name="endings">Endings of file names, such as <c>.md</c>.</param>
    public static IEnumerable<string> WithEnding(params string[] endings) =>
        Tracked.Value.Where(path => endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)));

    /// <summary>Whether the repository has a file or a folder with this path.</summary>
    public static bool Exists(string path) => File.Exists(Absolute(path)) || Directory.Exists(Absolute(path));

    /// <summary>The content of a file.</summary>
    public static string Read(string path) => File.ReadAllText(Absolute(path));

    /// <summary>The path in the file system.</summary>
    public static string Absolute(string path) => Path.Combine(Snapshot.Root, path);

    private static List<string> List() =>
        [
            .. (Path.Exists(Absolute(".git")) ? ListTracked() : ListAll())
                .Where(path => File.Exists(Absolute(path)))
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Lists the files of an exported tree, which Git does not know.</summary>
    private static IEnumerable<string> ListAll() =>
        from file in Directory.EnumerateFiles(Snapshot.Root, "*", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Snapshot.Root, file)
        where !path.Split('/').Any(folder => folder is "bin" or "obj" or "node_modules" or "data")
        select path;

    // Git knows what is generated. Files that are new and not ignored count, so that the tests see them before they are committed.
    private static string[] ListTracked()
    {
        using var git = Process.Start(
            new ProcessStartInfo("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
            {
                WorkingDirectory = Snapshot.Root,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            }
        )!;
        var paths = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        return git.ExitCode == 0 ? paths : [.. ListAll()];
    }
}
