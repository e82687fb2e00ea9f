//! The closed sets of words in the registry's tables.

use crate::word::words;

words! {
    /// The strand of a listed industry.
    Strand, "strand" {
        /// To be transformed and upgraded.
        Traditional = "traditional", "traditional industries", "传统产业";
        /// To be fostered.
        Emerging = "emerging", "emerging industries", "新兴产业";
        /// To be built.
        Future = "future", "future industries", "未来产业";
    }
}

words! {
    /// What an official list is a list of.
    ListStrand, "strand" {
        /// Traditional industries.
        Traditional = "traditional", "traditional industry", "传统产业";
        /// Emerging industries.
        Emerging = "emerging", "emerging industry", "新兴产业";
        /// Future industries.
        Future = "future", "future industry", "未来产业";
        /// Critical technologies.
        CriticalTechnology = "critical_technology", "critical technology", "关键技术";
        /// Sectors of an industrial strategy.
        Sector = "sector", "sector", "重点行业";
        /// Net-zero technologies.
        NetZeroTechnology = "net_zero_technology", "net-zero technology", "净零技术";
        /// Strategic raw materials.
        StrategicRawMaterial = "strategic_raw_material", "strategic raw material", "战略原材料";
        /// Critical raw materials.
        CriticalRawMaterial = "critical_raw_material", "critical raw material", "关键原材料";
    }
}

words! {
    /// How a code stands to an industry.
    Role, "role" {
        /// The code is the industry, or a part of it.
        Core = "core", "is the industry", "即该产业";
        /// A part of the code is the industry.
        Partial = "partial", "partly the industry", "部分属于该产业";
        /// The code is wider than the industry.
        Broad = "broad", "wider than the industry", "范围宽于该产业";
        /// The sector that holds the industry among others.
        Host = "host", "sector that holds it", "所在部门";
        /// What the industry buys.
        Input = "input", "input", "投入品";
        /// What the industry works with.
        Equipment = "equipment", "equipment", "设备";
        /// Something that moves with the industry.
        Proxy = "proxy", "proxy", "替代指标";
        /// A technology of the industry.
        Tech = "tech", "technology", "相关技术";
        /// No code was found.
        None = "none", "no code", "无编码";
    }
}

impl Role {
    /// True for the roles whose codes hold the industry or a part of it.
    pub fn holds_the_industry(self) -> bool {
        matches!(self, Role::Core | Role::Partial | Role::Broad | Role::Host)
    }
}

words! {
    /// How sure a row is, from unsure to sure.
    Confidence, "confidence" {
        /// Nothing was found.
        None = "none", "none", "无";
        /// A guess.
        Low = "low", "low", "低";
        /// Our reading.
        Medium = "medium", "medium", "中";
        /// The titles agree, or an official text says so.
        High = "high", "high", "高";
    }
}

words! {
    /// How an official item stands to an industry of the registry.
    Relation, "relation" {
        /// The item is the industry.
        Same = "same", "is", "即";
        /// The item is a part of the industry.
        PartOf = "part_of", "is part of", "属于";
        /// The item is wider than the industry.
        Includes = "includes", "includes", "包含";
        /// Each holds something that the other does not.
        Overlaps = "overlaps", "overlaps with", "交叉";
    }
}

words! {
    /// What kind of event a row is.
    EventKind, "kind of event" {
        /// A plan or policy of China.
        DomesticPolicy = "domestic_policy", "plan or policy", "规划政策";
        /// A strategy of another jurisdiction.
        ForeignStrategy = "foreign_strategy", "strategy abroad", "国外战略";
        /// A step in the making of new quality productive forces.
        NewQuality = "nqpf", "new quality productive forces", "新质生产力";
        /// Exports put under control.
        ExportControl = "export_control", "export control", "出口管制";
        /// Tariffs, duties and other barriers to imports.
        TradeBarrier = "trade_barrier", "trade barrier", "贸易壁垒";
        /// A classification or statistic.
        Statistics = "statistics", "statistics", "统计";
        /// A plan judged.
        Evaluation = "evaluation", "evaluation", "评估";
        /// Diplomacy.
        Diplomacy = "diplomacy", "diplomacy", "外交";
    }
}

impl EventKind {
    /// True for measures that hold up trade.
    pub fn is_barrier(self) -> bool {
        matches!(self, EventKind::ExportControl | EventKind::TradeBarrier)
    }
}

words! {
    /// What an event does to an earlier one.
    ChangeMade, "change" {
        /// Stops it for a time.
        Suspends = "suspends", "suspends", "暂停";
        /// Ends it.
        Ends = "ends", "ends", "终止";
        /// Makes it milder.
        Eases = "eases", "eases", "放宽";
        /// Widens or tightens it.
        Extends = "extends", "extends", "扩大";
    }
}

words! {
    /// How a figure stands to what it is said of.
    Comparison, "comparison" {
        /// At least.
        AtLeast = ">=", "at least", "不低于";
        /// More than.
        MoreThan = ">", "more than", "高于";
        /// At most.
        AtMost = "<=", "at most", "不高于";
        /// Less than.
        LessThan = "<", "less than", "低于";
        /// Just that.
        Equal = "=", "", "";
        /// About.
        About = "~", "about", "约";
    }
}

words! {
    /// When a figure of a target was observed.
    ObservationKind, "kind of observation" {
        /// Where the plan started from.
        Base = "base", "base", "基期";
        /// What came of it.
        Outturn = "outturn", "outturn", "实际";
    }
}

words! {
    /// What a part of the framework of new quality productive forces is.
    DefinitionKind, "kind of element" {
        /// The term itself.
        Term = "term", "term", "名称";
        /// The official definition.
        Definition = "definition", "definition", "定义";
        /// What they are born of.
        Origin = "origin", "born of", "催生因素";
        /// What they consist in.
        Connotation = "connotation", "basic connotation", "基本内涵";
        /// The core hallmark: the outcome.
        Hallmark = "hallmark", "core hallmark", "核心标志";
        /// The essence.
        Essence = "essence", "essence", "特点与本质";
        /// Another wording.
        Variant = "variant", "variant", "不同表述";
        /// What not to do.
        Caution = "caution", "caution", "注意事项";
        /// A layer.
        Layer = "layer", "layer", "层次";
        /// An enabler.
        Enabler = "enabler", "enabler", "支撑因素";
        /// A strand.
        Strand = "strand", "strand", "产业类别";
        /// What tells strands apart.
        StrandRule = "strand_rule", "what tells the strands apart", "类别划分标准";
        /// How the parts hang together.
        Link = "link", "link", "联系";
        /// What moves traditional industries up.
        Lever = "lever", "lever", "着力点";
        /// What follows what.
        Sequence = "sequence", "sequence", "梯次";
    }
}

words! {
    /// What a term of the dictionary is about.
    TermGroup, "group of terms" {
        /// An idea of the framework.
        Concept = "concept", "concept", "理念";
        /// A layer.
        Layer = "layer", "layer", "层次";
        /// An enabler.
        Enabler = "enabler", "enabler", "支撑因素";
        /// A traditional industry.
        Traditional = "traditional", "traditional industry", "传统产业";
        /// An emerging industry.
        Emerging = "emerging", "emerging industry", "新兴产业";
        /// A future industry.
        Future = "future", "future industry", "未来产业";
        /// A means of policy.
        Instrument = "instrument", "instrument", "政策工具";
    }
}

/// Words that a column may hold and that need no type.
pub(crate) const STRATEGY_LEVELS: &[&str] = &["national", "provincial", "union", "think-tank", "analysis"];
pub(crate) const STRATEGY_KINDS: &[&str] =
    &["policy", "plan", "statistical_classification", "label", "definition", "annual", "analysis", "statement", "list", "law"];
pub(crate) const COMPLETENESS: &[&str] =
    &["complete", "partial", "header_only", "complete_2_levels", "complete_2_lists", "complete_definition", "areas_complete"];
pub(crate) const ITEM_LEVELS: &[&str] = &[
    "item",
    "direction",
    "landmark_product",
    "frontier_x",
    "field",
    "group",
    "area",
    "frontier",
    "domain",
    "technology",
    "added_in_final_act",
];
pub(crate) const SOURCE_TIERS: &[&str] = &[
    "official",
    "official_unread",
    "official_org",
    "official_stat",
    "press",
    "translation",
    "reprint",
    "analysis",
    "academic",
    "community",
];
