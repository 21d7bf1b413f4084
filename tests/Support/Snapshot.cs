namespace DeployCard.Tests.Support;

/// <summary>
/// Compares text that is generated from the code with a file of the repository, so that every change of a contract shows in a diff.
/// </summary>
public static class Snapshot
{
    /// <summary>The environment variable that makes a test write its snapshot instead of comparing it: <c>UPDATE_SNAPSHOTS=1</c>.</summary>
    public const string UpdateVariable = "UPDATE_SNAPSHOTS";

    /// <summary>Whether snapshots are written instead of compared.</summary>
    public static bool IsUpdating => Environment.GetEnvironmentVariable(UpdateVariable) == "1";

    /// <summary>The root folder of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Fails when the file differs from the text, and says how to update it.</summary>
    /// <param name="path">The file, relative to the root of the repository.</param>
    /// <param name="actual">The text that the code generates.</param>
    /// <param name="meaning">What a difference means for users, as a sentence.</param>
    public static void ShouldMatch(string path, string actual, string meaning)
    {
        var file = Path.Combine(Root, path);
        var text = actual.ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (IsUpdating)
            File.WriteAllText(file, text);
        var stored = File.Exists(file) ? File.ReadAllText(file) : "";
        if (stored == text)
            return;
        var difference = FirstDifference(stored.Split('\n'), text.Split('\n'));
        throw new InvalidOperationException(
            $"{path} differs from the code.\n{difference}\n{meaning} If the change is intended, run this test with {UpdateVariable}=1."
        );
    }

    private static string FirstDifference(string[] stored, string[] actual)
    {
        var line = 0;
        while (line < stored.Length && line < actual.Length && stored[line] == actual[line])
            line++;
        return $"Line {line + 1}, stored: {stored.ElementAtOrDefault(line)}\nLine {line + 1}, now:    {actual.ElementAtOrDefault(line)}";
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Orleans.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside the repository.");
        return folder.FullName;
    }
}
