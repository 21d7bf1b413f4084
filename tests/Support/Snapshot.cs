namespace DeployCard.Tests.Support;

/// <summary>
/// Compares text generated from the code with a file of the repository, so that every change of a contract appears in a diff.
/// </summary>
public static class Snapshot
{
    /// <summary>Environment variable that makes tests write their snapshots instead of comparing them: <c>UPDATE_SNAPSHOTS=1</c>.</summary>
    public const string UpdateVariable = "UPDATE_SNAPSHOTS";

    /// <summary>Whether snapshots are written instead of compared.</summary>
    public static bool IsUpdating => Environment.GetEnvironmentVariable(UpdateVariable) == "1";

    /// <summary>The root folder of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Throws if the file differs from the text; the message describes how to update the file.</summary>
    /// <param name="path">Path of the file, relative to the root of the repository.</param>
    /// <param name="actual">Text generated from the code.</param>
    /// <param name="meaning">Sentence that says what a difference means for users.</param>
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
