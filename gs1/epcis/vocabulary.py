"""The closed word lists of CBV 2.0 (section 7) and the forms in which a word may be written.

EPCIS 2.0 in JSON writes a standard value as a bare word (``shipping``). The same value is
``urn:epcglobal:cbv:bizstep:shipping`` in EPCIS 1.x and in XML, and
``https://ref.gs1.org/cbv/BizStep-shipping`` in the Web vocabulary. The bare word is the one form
kept here.
"""

from __future__ import annotations

from dataclasses import dataclass

WEB = "https://ref.gs1.org/cbv/"
_OLD_WEB = ("http://ns.gs1.org/cbv/", "https://ns.gs1.org/cbv/")
_VOC = ("https://ref.gs1.org/voc/", "gs1:")
_OLD_VOC = (
    "https://gs1.org/voc/",
    "https://www.gs1.org/voc/",
    "http://gs1.org/voc/",
    "http://www.gs1.org/voc/",
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One word list.

    ``reserved`` are the prefixes under which only GS1 may define words; ``barred`` those that a
    JSON document may not use at all, since the bare word takes their place.
    """

    name: str
    clause: str
    words: frozenset[str]
    web_prefixes: tuple[str, ...]
    urn_prefix: str | None
    reserved: tuple[str, ...]
    barred: tuple[str, ...]

    def normalise(self, text: str) -> str:
        """Bare word of a standard value in any of its forms; any other text as it is.

        >>> BIZ_STEP.normalise("urn:epcglobal:cbv:bizstep:shipping")
        'shipping'
        >>> BIZ_STEP.normalise("https://ref.gs1.org/cbv/BizStep-shipping")
        'shipping'
        >>> BIZ_STEP.normalise("https://example.com/step/roasting")
        'https://example.com/step/roasting'
        """
        for prefix in (*self.web_prefixes, self.urn_prefix):
            if prefix and text.startswith(prefix) and text[len(prefix) :] in self.words:
                return text[len(prefix) :]
        return text

    def urn(self, word: str) -> str:
        """URN of a standard word, as EPCIS XML writes it; any other text as it is.

        >>> DISPOSITION.urn("in_transit")
        'urn:epcglobal:cbv:disp:in_transit'
        """
        return self.urn_prefix + word if self.urn_prefix and word in self.words else word

    def web_uri(self, word: str) -> str:
        """Web URI of a standard word; any other text as it is.

        >>> BIZ_STEP.web_uri("shipping")
        'https://ref.gs1.org/cbv/BizStep-shipping'
        """
        return self.web_prefixes[0] + word if word in self.words else word

    def is_reserved(self, text: str) -> bool:
        """Whether the text lies in a name space in which only GS1 defines words."""
        return text.startswith(self.reserved)


def _cbv(name: str, clause: str, tag: str, urn: str | None, words: str) -> Vocabulary:
    webs = tuple(f"{base}{tag}-" for base in (WEB, "cbv:", *_OLD_WEB))
    urn_prefix = f"urn:epcglobal:cbv:{urn}:" if urn else None
    barred = ("urn:epcglobal:cbv", *_OLD_WEB)
    reserved = (WEB, "cbv:")
    return Vocabulary(name, clause, frozenset(words.split()), webs, urn_prefix, reserved, barred)


def _voc(name: str, clause: str, words: str) -> Vocabulary:
    every = frozenset(words.split())
    return Vocabulary(name, clause, every, (*_OLD_VOC, *_VOC), None, _VOC, _OLD_VOC)


BIZ_STEP = _cbv(
    "bizStep",
    "CBV 2.0 §7.1",
    "BizStep",
    "bizstep",
    "accepting arriving assembling collecting commissioning consigning creating_class_instance "
    "cycle_counting decommissioning departing destroying disassembling dispensing encoding "
    "entering_exiting holding inspecting installing killing loading other packing picking "
    "receiving removing repackaging repairing replacing reserving retail_selling sampling "
    "sensor_reporting shipping staging_outbound stock_taking stocking storing transporting "
    "unloading unpacking void_shipping",
)
DISPOSITION = _cbv(
    "disposition",
    "CBV 2.0 §7.2",
    "Disp",
    "disp",
    "active available completeness_inferred completeness_verified conformant container_closed "
    "container_open damaged destroyed dispensed disposed encoded expired in_progress in_transit "
    "inactive mismatch_class mismatch_instance mismatch_quantity needs_replacement "
    "no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled reserved "
    "retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown",
)
BIZ_TRANSACTION_TYPE = _cbv(
    "bizTransaction type",
    "CBV 2.0 §7.3",
    "BTT",
    "btt",
    "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt",
)
SOURCE_DEST_TYPE = _cbv(
    "source or destination type",
    "CBV 2.0 §7.4",
    "SDT",
    "sdt",
    "location owning_party possessing_party",
)
ERROR_REASON = _cbv("error reason", "CBV 2.0 §7.5", "ER", "er", "did_not_occur incorrect_data")
COMPONENT = _cbv(
    "component",
    "CBV 2.0 §7.8",
    "Comp",
    "comp",
    "altitude axial_distance azimuth easting elevation_angle height latitude longitude northing "
    "polar_angle spherical_radius x y z",
)
MEASUREMENT_TYPE = _voc(
    "sensor measurement type",
    "CBV 2.0 §7.6",
    "AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance "
    "AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity "
    "Area Capacitance Conductance Conductivity Count Density Dimensionless DoseEquivalent "
    "DoseEquivalentRate DynamicViscosity ElectricCharge ElectricCurrent ElectricCurrentDensity "
    "ElectricFieldStrength Energy Exposure Force Frequency Illuminance Inductance Irradiance "
    "KinematicViscosity Length LinearMomentum Luminance LuminousFlux LuminousIntensity "
    "MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration "
    "MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass "
    "MolarVolume Power Pressure RadiantFlux RadiantIntensity Radioactivity RelativeHumidity "
    "Resistance Resistivity SolidAngle SpecificVolume Speed SurfaceDensity SurfaceTension "
    "Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux "
    "Wavenumber",
)
SENSOR_ALERT_TYPE = _voc("sensor alert type", "CBV 2.0 §7.7", "ALARM_CONDITION ERROR_CONDITION")
