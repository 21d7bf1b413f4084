using System.Text.Json;
using System.Text.RegularExpressions;

namespace DeployCard.EndToEnd.Tests.Containers;

/// <summary>Instruction of a stage, such as <c>COPY</c>, with its arguments.</summary>
internal sealed record Instruction(string Name, string Text)
{
    /// <summary>Arguments of the instruction, from a JSON array or separated by spaces.</summary>
    public string[] Words =>
        Text.StartsWith('[') ? JsonSerializer.Deserialize<string[]>(Text)! : Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Stage of a Dockerfile, with its base image, name and instructions.</summary>
internal sealed record Stage(string From, string Name, IReadOnlyList<Instruction> Steps)
{
    public Instruction LastInstruction(string name) => Steps.Last(step => step.Name == name);
}

/// <summary>Parser of the Dockerfile syntax that this repository uses.</summary>
internal sealed class Dockerfile
{
    private Dockerfile(IReadOnlyDictionary<string, string> arguments, IReadOnlyList<Stage> stages) =>
        (Arguments, Stages) = (arguments, stages);

    /// <summary>Global <c>ARG</c> values before the first stage.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; }

    public IReadOnlyList<Stage> Stages { get; }

    public Stage this[string name] => Stages.Single(stage => stage.Name == name);

    public static Dockerfile Parse(string text)
    {
        var arguments = new Dictionary<string, string>();
        var stages = new List<Stage>();
        var steps = new List<Instruction>();
        foreach (
            var line in Regex
                .Replace(text, @"\\\n\s*", " ", RegexOptions.None, TimeSpan.FromSeconds(1))
                .Split('\n')
                .Select(line => line.Trim())
                .Where(line => line.Length > 0 && line[0] != '#')
        )
        {
            var step = new Instruction(line.Split(' ')[0], line[(line.IndexOf(' ') + 1)..]);
            if (step.Name == "ARG" && stages.Count == 0)
                arguments[step.Text.Split('=')[0]] = step.Text.Split('=', 2)[1];
            else if (step.Name == "FROM" && step.Words is [var from, "AS", var name])
                stages.Add(new(from.StartsWith("${", StringComparison.Ordinal) ? arguments[from[2..^1]] : from, name, steps = []));
            else
                steps.Add(step);
        }

        return new(arguments, stages);
    }
}
